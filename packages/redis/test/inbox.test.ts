import { randomUUID } from 'node:crypto';
import { type RedisServer, startRedis, withoutRedis } from '@hookshake/servers/redis';
import { type InboxSetup, inboxBattery } from '@hookshake/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { redis } from '../src/index.js';
import { type BreakableLink, openLink } from './support/breakable-link.js';

/** Moves all that an inbox holds into the past, and has its workers look at the clock. */
const SHIFT = `
local prefix, ms = ARGV[1], tonumber(ARGV[2])
local function shift(key, by)
  for _, one in ipairs(redis.call('ZRANGE', key, 0, -1)) do redis.call('ZINCRBY', key, -by, one) end
end
for _, key in ipairs(redis.call('KEYS', prefix .. ':seen:*')) do shift(key, ms) end
for _, queue in ipairs({ ':deliveries', ':events' }) do
  shift(prefix .. queue .. ':delayed', ms * 4096)
  for _, key in ipairs(redis.call('KEYS', prefix .. queue .. ':[de]-*')) do
    if redis.call('TYPE', key).ok == 'hash' then
      for _, field in ipairs({ 'timestamp', 'processedOn' }) do
        if redis.call('HEXISTS', key, field) == 1 then redis.call('HINCRBY', key, field, -ms) end
      end
    end
  end
  redis.call('ZADD', prefix .. queue .. ':marker', 0, '0')
end
`;

/** The leases of all that is being worked on have run out. */
const EXPIRE = `
for _, queue in ipairs({ ':deliveries', ':events' }) do
  local base = ARGV[1] .. queue
  redis.call('DEL', base .. ':stalled-check')
  for _, id in ipairs(redis.call('LRANGE', base .. ':active', 0, -1)) do
    redis.call('DEL', base .. ':' .. id .. ':lock')
    redis.call('SADD', base .. ':stalled', id)
  end
end
`;

describe.skipIf(withoutRedis)('redis().inbox', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.remove());

  /** Two handles on one inbox, the first over a link that can be cut. */
  async function create(maxWaiting?: number): Promise<InboxSetup> {
    const prefix = randomUUID();
    const options = { prefix, maxWaiting, logger: false } as const;
    const links: BreakableLink[] = [];
    const second = redis(server.url, options);
    const opened = [second];

    async function open() {
      const link = await openLink(server.port);
      const backend = redis(`redis://127.0.0.1:${link.port}`, options);
      links.push(link);
      opened.push(backend);
      return backend.inbox;
    }

    return {
      inbox: await open(),
      second: second.inbox,
      advance: async (ms) => void (await server.client.eval(SHIFT, 0, `{${prefix}}`, ms)),
      async crash() {
        links.at(-1)?.cut();
        await server.client.eval(EXPIRE, 0, `{${prefix}}`);
        return open();
      },
      async close() {
        await Promise.all(opened.map((backend) => backend.close()));
        for (const link of links) link.cut();
      },
    };
  }

  it.each(inboxBattery)('$title', ({ run }) =>
    run({ create: () => create(), createBounded: create, clock: 'running' }),
  );
});
