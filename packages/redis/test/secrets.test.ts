import { encrypted, PENDING_MS, type SecretStore } from '@hookshake/core';
import { type RedisServer, startRedis, startRedisCluster, withoutRedis } from '@hookshake/servers/redis';
import { type SecretStoreSetup, secretStoreBattery } from '@hookshake/testing';
import { Cluster } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type RedisBackend, redis } from '../src/index.js';

/** Moves all that is stored into the past, and with it when its key expires. */
const SHIFT = `
local ms = tonumber(ARGV[1])
for _, key in ipairs(redis.call('KEYS', '*:hook:*')) do
  local hook = cjson.decode(redis.call('GET', key))
  if hook.window then hook.window.expiresAt = hook.window.expiresAt - ms end
  for _, one in ipairs(hook.secrets) do
    if one.expiresAt then one.expiresAt = one.expiresAt - ms end
  end
  local ttl = redis.call('PTTL', key)
  redis.call('SET', key, cjson.encode(hook))
  if ttl >= 0 then redis.call('PEXPIRE', key, ttl - ms) end
end
`;

describe.skipIf(withoutRedis)('secrets in Redis', () => {
  let server: RedisServer;
  let cluster: RedisServer;

  beforeAll(async () => {
    server = await startRedis();
    cluster = await startRedisCluster();
  });
  afterAll(async () => {
    await server.remove();
    await cluster.remove();
  });

  function setUp(
    on: RedisServer,
    open: () => RedisBackend,
    wrap = (store: SecretStore) => store,
  ): SecretStoreSetup {
    const [first, second] = [open(), open()];
    return {
      store: wrap(first.secrets),
      second: wrap(second.secrets),
      advance: async (ms) => void (await on.client.eval(SHIFT, 0, ms)),
      async close() {
        await first.close();
        await second.close();
        await on.client.flushall();
      },
    };
  }

  const options = { logger: false } as const;
  const key = new Uint8Array(32).fill(7);

  describe.each([
    ['one server, two connections', () => setUp(server, () => redis(server.url, options))],
    [
      'encrypted()',
      () =>
        setUp(
          server,
          () => redis(server.url, options),
          (store) => encrypted(store, { key }),
        ),
    ],
    [
      'a cluster',
      () => {
        const client = new Cluster([{ host: '127.0.0.1', port: cluster.port }]);
        const { close, ...setup } = setUp(cluster, () => redis(client, options));
        return {
          ...setup,
          async close() {
            await close?.();
            client.disconnect();
          },
        };
      },
    ],
  ])('%s', (_name, create) => {
    it.each(secretStoreBattery)('$title', ({ run }) => run({ create, clock: 'running' }));
  });

  describe('beyond the battery', () => {
    /** How often the server's data was changed. */
    async function changes(): Promise<number> {
      return Number(/rdb_changes_since_last_save:(\d+)/.exec(await server.client.info('persistence'))?.[1]);
    }

    async function withSecrets(test: (secrets: SecretStore) => Promise<void>): Promise<void> {
      const backend = redis(server.url, options);
      try {
        await test(backend.secrets);
      } finally {
        await backend.close();
        await server.client.flushall();
      }
    }

    it('writes nothing for a handshake that is refused, known or over the limit, nor for what it does not find', () =>
      withSecrets(async (secrets) => {
        for (let i = 0; i < 16; i++) await secrets.accept('bugs', `secret-${i}`, 'always');
        await secrets.open('bugs', { withinMs: 60_000, confirm: true });
        const before = await changes();
        expect(await secrets.accept('bugs', 'secret-3', 'always')).toBe('known');
        expect(await secrets.accept('bugs', 'another', 'window')).toBe('full');
        expect(await secrets.accept('chores', 'another', 'window')).toBe('refused');
        expect(await secrets.open('bugs', { withinMs: 60_000, confirm: true })).toBeUndefined();
        expect(await secrets.settle('bugs', 'no such window', 'secret-3')).toBe('none');
        await secrets.forget('bugs', { secret: 'unknown' });
        await secrets.forget('bugs', { webhook: 'unknown' });
        await secrets.forget('chores');
        await secrets.find('bugs');
        expect(await changes()).toBe(before);
      }));

    it('leaves no key behind for a window and a pending secret that expired', () =>
      withSecrets(async (secrets) => {
        await secrets.open('bugs', { withinMs: 60_000, confirm: true });
        expect(await server.client.pttl('{hookshake}:hook:bugs')).toBeLessThanOrEqual(60_000);
        expect(await server.client.pttl('{hookshake}:hook:bugs')).toBeGreaterThan(50_000);
        await secrets.accept('bugs', 'secret', 'window');
        expect(await server.client.pttl('{hookshake}:hook:bugs')).toBeGreaterThan(590_000);
        await server.client.eval(SHIFT, 0, 600_000);
        expect(await server.client.keys('*')).toEqual([]);
      }));

    it('keeps a confirmed secret for ever, also beside what expires', () =>
      withSecrets(async (secrets) => {
        await secrets.accept('bugs', 'secret', 'always');
        await secrets.open('bugs', { withinMs: 60_000, confirm: true });
        expect(await server.client.pttl('{hookshake}:hook:bugs')).toBe(-1);
      }));

    it("goes by the server's clock, whatever time this process takes it for", () =>
      withSecrets(async (secrets) => {
        onTestFinished(() => void vi.useRealTimers());
        const advance = (ms: number) => server.client.eval(SHIFT, 0, ms);
        for (const hours of [-1, 1]) {
          vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3_600_000 });
          const hookId = `bugs-${hours}`;
          await secrets.open(hookId, { withinMs: 60_000, confirm: true });
          await advance(40_000);
          expect(await secrets.accept(hookId, 'secret', 'window')).toBe('stored');
          await advance(PENDING_MS - 20_000);
          expect(await secrets.find(hookId)).toEqual([{ secret: 'secret', pending: true }]);
          await advance(20_000);
          expect(await secrets.find(hookId)).toEqual([]);
          await secrets.open(hookId, { withinMs: 60_000, confirm: true });
          await advance(60_000);
          expect(await secrets.accept(hookId, 'secret', 'window')).toBe('refused');
          vi.useRealTimers();
        }
      }));

    it('goes on when the server has forgotten its scripts', () =>
      withSecrets(async (secrets) => {
        await secrets.accept('bugs', 'secret', 'always');
        await server.client.script('FLUSH');
        expect(await secrets.find('bugs')).toEqual([{ secret: 'secret' }]);
      }));

    it('keeps apps with different prefixes apart', () =>
      withSecrets(async (secrets) => {
        const other = redis(server.url, { ...options, prefix: 'other' });
        await secrets.accept('bugs', 'secret', 'always');
        expect(await other.secrets.find('bugs')).toEqual([]);
        await other.close();
      }));
  });
});
