import { type RedisServer, startRedis, withoutRedis } from '@hookshake/servers/redis';
import { handlerBattery } from '@hookshake/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { redis } from '../src/index.js';

describe.skipIf(withoutRedis)('handlers with redis()', () => {
  let server: RedisServer;
  let prefixes = 0;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.remove());

  it.each(handlerBattery)('$title', ({ run }) =>
    run(() => redis(server.url, { prefix: `handlers-${++prefixes}` })),
  );
});
