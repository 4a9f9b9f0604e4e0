import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { createReceiver, encrypted, type Logger } from '@hookshake/core';
import { createFetchHandler } from '@hookshake/core/fetch';
import { type RedisServer, startRedis, startRedisCluster, withoutRedis } from '@hookshake/servers/redis';
import { delivery, event, simpleDelivery, simpleWork } from '@hookshake/testing';
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type RedisBackend, type RedisOptions, redis } from '../src/index.js';
import { soon } from './support/soon.js';

const SECRET = 'b537207f20cbfa02357cf448134da559';

/** A logger that keeps the codes and the lines that it is told. */
function recordingLogger(): Logger & { readonly codes: string[]; readonly lines: string[] } {
  const codes: string[] = [];
  const lines: string[] = [];
  function note(details: object, line: string): void {
    codes.push((details as { code: string }).code);
    lines.push(line);
  }
  return { codes, lines, warn: note, error: note };
}

function open(url: string, options: RedisOptions = { logger: false }): RedisBackend {
  const backend = redis(url, options);
  onTestFinished(() => backend.close());
  return backend;
}

async function startServer(settings?: Readonly<Record<string, string>>): Promise<RedisServer> {
  const server = await startRedis(settings);
  onTestFinished(() => server.remove());
  return server;
}

/** A receiver on Redis, and a way to send it an event about a task. */
async function startReceiver(url: string, logger: Logger | false = false) {
  const backend = redis(url, { logger });
  await backend.secrets.accept('default', SECRET, 'always');
  const receiver = createReceiver({ ...backend, logger: false });
  onTestFinished(() => receiver.close({ withinMs: 1 }));
  const handler = createFetchHandler(receiver, { basePath: '/hook' });
  const deliver = (gid: string) => {
    const one = event('task.changed.name', { resource: { gid, resource_type: 'task' } });
    return handler(delivery([one], { secret: SECRET }).toFetch('http://localhost/hook'));
  };
  return { receiver, deliver };
}

describe.skipIf(withoutRedis)('redis()', { timeout: 20_000 }, () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.remove());

  it.each([
    ['is not kept on disk', { appendonly: 'no' }, 'process', ['redis_not_durable']],
    ['is left to the operating system', { appendfsync: 'no' }, 'server', ['redis_not_durable']],
    ['is on disk within a second', { appendfsync: 'everysec' }, 'server', []],
    ['is on disk at once', { appendfsync: 'always' }, 'power', []],
    ['may be evicted', { 'maxmemory-policy': 'allkeys-lru' }, 'server', ['redis_evicts']],
  ] as const)(
    'says what a 200 survives, and warns, where data %s',
    async (_what, settings, durability, codes) => {
      const { url } = await startServer(settings);
      const logger = recordingLogger();
      const { secrets, inbox } = open(url, { logger });
      await soon(() => {
        expect([secrets.durability, inbox.durability]).toEqual([durability, durability]);
        expect(logger.codes).toEqual(codes);
      });
      for (const line of logger.lines) expect(line).toMatch(/\(redis_\w+, see docs\/errors\.md\)$/);
    },
  );

  it('needs no more than its own keys, and believes a server that forbids CONFIG what else it tells', async () => {
    await server.client.call('ACL', 'SETUSER', 'app', 'on', 'nopass', '~{hookshake}:*', '+@all', '-config');
    const logger = recordingLogger();
    const { secrets, inbox } = open(server.url.replace('//', '//app:any@'), { logger });
    await soon(() => expect(secrets.durability).toBe('server'));
    await secrets.accept('bugs', SECRET, 'always');
    expect(await secrets.find('bugs')).toEqual([{ secret: SECRET }]);
    const handled: string[] = [];
    const troubled = vi.fn();
    await inbox.consume(simpleWork(async ({ key }) => void handled.push(key), { troubled }));
    await inbox.append(simpleDelivery('a'));
    await soon(() => expect(handled).toEqual(['a']));
    await soon(async () => expect(await inbox.stats()).toMatchObject({ waiting: 0, running: 0 }));
    expect([logger.codes, troubled.mock.calls]).toEqual([[], []]);
  });

  it('refuses what it cannot use, by name', () => {
    const client = new Redis({ lazyConnect: true, keyPrefix: 'app:' });
    for (const call of [
      () => redis('localhost:6379'),
      () => redis(undefined as unknown as string),
      () => redis(client),
      () => redis(server.url, { prefix: '{a}' }),
      () => redis(server.url, { prefix: '' }),
      () => redis(server.url, { maxWaiting: 0 }),
      () => redis(server.url, { lease: 1 } as RedisOptions),
    ]) {
      expect(call).toThrow(expect.objectContaining({ code: 'invalid_option' }));
    }
  });

  it('opens nothing of BullMQ for one who uses secrets only', async () => {
    const { secrets } = open(server.url, { prefix: 'only-secrets', logger: false });
    await secrets.accept('bugs', SECRET, 'always');
    expect(await server.client.keys('*only-secrets*')).toEqual(['{only-secrets}:hook:bugs']);
  });

  describe('connections', () => {
    async function count(): Promise<number> {
      const list = String(await server.client.client('LIST'));
      return list.split('\n').filter((line) => line !== '').length;
    }

    it("are the backend's own, and closed with it, twice if asked; the user's client stays open", async () => {
      const client = new Redis(server.url);
      await client.ping();
      const before = await count();
      const backend = redis(client, { logger: false });
      await backend.secrets.find('bugs');
      await backend.inbox.consume(simpleWork());
      expect(await count()).toBeGreaterThan(before);
      await Promise.all([backend.close(), backend.close()]);
      await soon(async () => expect(await count()).toBe(before));
      expect(await client.ping()).toBe('PONG');
      client.disconnect();
    });

    it('of a worker that is about to start when the backend is closed are closed, too', async () => {
      const { inbox, close } = redis(server.url, { logger: false });
      await inbox.stats();
      const starting = inbox.consume(simpleWork());
      await close();
      await starting;
      // What is left is the test's own.
      await soon(async () => expect(await count()).toBe(1));
    });
  });

  it('keeps an inbox in a Redis Cluster', async () => {
    const node = await startRedisCluster();
    onTestFinished(() => node.remove());
    const client = new Cluster([{ host: '127.0.0.1', port: node.port }]);
    onTestFinished(() => client.disconnect());
    const backend = redis(client, { logger: false });
    await backend.secrets.accept('default', SECRET, 'always');
    const receiver = createReceiver({ ...backend, logger: false });
    onTestFinished(() => receiver.close({ withinMs: 1 }));
    const handled: string[] = [];
    receiver.on('task.changed', ({ resource }) => void handled.push(resource.gid));
    await receiver.start();
    const handler = createFetchHandler(receiver, { basePath: '/hook' });
    const request = delivery([event('task.changed.name')], { secret: SECRET });
    expect((await handler(request.toFetch('http://localhost/hook'))).status).toBe(200);
    await receiver.idle();
    expect(handled).toHaveLength(1);
    expect(backend.inbox.durability).toBe('server');
    // One hash tag, so one slot: what BullMQ does in one step may touch several keys.
    for (const key of await node.client.keys('*')) expect(key).toMatch(/^\{hookshake\}:/);
  }, 20_000);

  it('keeps no plain secret in Redis, nor in its append-only file, when secrets are encrypted', async () => {
    const { url, client, folder } = await startServer();
    const key = new Uint8Array(32).fill(7);
    const previous = new Uint8Array(32).fill(8);
    const { secrets } = open(url);
    await encrypted(secrets, { key: previous }).accept('bugs', 'the-secret-of-before', 'always');
    const store = encrypted(secrets, { key, previousKeys: [previous] });
    await store.accept('bugs', SECRET, 'always');
    const window = await store.open('bugs', { withinMs: 60_000, confirm: true });
    await store.accept('bugs', 'the-pending-secret', 'window');
    expect(await store.settle('bugs', window ?? '', 'the-pending-secret', { webhook: '12' })).toBe(
      'confirmed',
    );
    await store.forget('bugs', { secret: 'the-secret-of-before' });
    expect((await store.find('bugs')).map(({ secret }) => secret)).toEqual([SECRET, 'the-pending-secret']);

    const dump = await Promise.all((await client.keys('*')).map((name) => client.get(name)));
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((one) =>
      one.isFile(),
    );
    expect(files.length).toBeGreaterThan(0);
    const texts = await Promise.all(files.map((one) => readFile(join(one.parentPath, one.name), 'latin1')));
    const all = [...dump, ...texts].join('\n');
    expect(all).toContain('{hookshake}:hook:bugs');
    for (const plain of [SECRET, 'the-pending-secret', 'the-secret-of-before'])
      expect(all).not.toContain(plain);
  });

  it('fails without the secret or the delivery that Redis has no room for, whoever logs the error', async () => {
    const full = await startServer();
    const { secrets, inbox } = open(full.url);
    await inbox.stats();
    await full.client.config('SET', 'maxmemory', '1');
    const body = Buffer.from(SECRET);
    for (const asked of [
      secrets.accept('bugs', SECRET, 'always'),
      inbox.append({ ...simpleDelivery('a'), body }),
    ]) {
      const error = await Promise.resolve(asked).catch((reason: unknown) => reason);
      expect(String(error)).toContain('OOM');
      const shown = inspect(error, { depth: null, showHidden: true, maxStringLength: null });
      expect(shown).not.toContain(SECRET);
      expect(shown).not.toContain(body.toString('base64'));
    }
    await full.client.config('SET', 'maxmemory', '0');
  });

  describe('while Redis is away', () => {
    it('answers 503 at once, and works on by itself when Redis is back', async () => {
      const away = await startServer();
      const { receiver, deliver } = await startReceiver(away.url);
      const handled: string[] = [];
      receiver.on('task.changed', ({ resource }) => void handled.push(resource.gid));
      await receiver.start();
      expect((await deliver('1')).status).toBe(200);
      await receiver.idle();

      await away.kill('SIGTERM');
      for (let turn = 0; turn < 5; turn++) {
        const since = performance.now();
        const answer = await deliver('2');
        expect([answer.status, answer.headers.has('retry-after')]).toEqual([503, true]);
        expect(performance.now() - since).toBeLessThan(2_000);
      }
      await away.restart();
      await soon(async () => expect((await deliver('3')).status).toBe(200));
      await soon(() => expect(handled).toEqual(['1', '3']));
    }, 20_000);

    it('handles what was accepted before, once Redis is back', async () => {
      const away = await startServer({ appendfsync: 'always' });
      const { receiver, deliver } = await startReceiver(away.url);
      const handled: string[] = [];
      receiver.on('task.changed', ({ resource }) => void handled.push(resource.gid));
      for (let gid = 0; gid < 20; gid++) expect((await deliver(String(gid))).status).toBe(200);
      await away.kill('SIGKILL');
      await away.restart();
      await soon(() => receiver.start());
      await soon(() => expect(new Set(handled).size).toBe(20));
    }, 20_000);

    it('answers 503 within the time that Asana waits when Redis hangs, and goes on when it does not', async () => {
      const away = await startServer();
      const logger = recordingLogger();
      const { deliver } = await startReceiver(away.url, logger);
      expect((await deliver('1')).status).toBe(200);
      away.freeze();
      expect((await deliver('2')).status).toBe(503);
      await soon(() => expect(logger.lines).toEqual([expect.stringContaining('used (ETIMEDOUT),')]));
      away.thaw();
      await soon(async () => expect((await deliver('3')).status).toBe(200));
    }, 20_000);

    it('says so once, rejects what is asked of it, a start included, and closes', async () => {
      const away = await startServer();
      await away.kill('SIGTERM');
      const logger = recordingLogger();
      const { secrets, inbox, close } = redis(away.url, { logger });
      await expect(secrets.find('bugs')).rejects.toThrow();
      await expect(secrets.find('bugs')).rejects.toThrow();
      const work = simpleWork();
      await Promise.all([
        expect(inbox.stats()).rejects.toThrow(),
        expect(inbox.consume(work)).rejects.toThrow(),
      ]);
      expect(logger.lines).toEqual([
        expect.stringMatching(
          /^Redis cannot be used \(ECONNREFUSED\).* \(redis_away, see docs\/errors\.md\)$/,
        ),
      ]);
      await close();
    }, 20_000);

    it('lets a logger that throws bring nothing down', async () => {
      const away = await startServer();
      await away.kill('SIGTERM');
      const warn = vi.fn(() => {
        throw new Error('disk full');
      });
      const uncaught = vi.fn();
      process.on('uncaughtException', uncaught);
      onTestFinished(() => void process.off('uncaughtException', uncaught));
      const { secrets } = open(away.url, { logger: { warn, error() {} } });
      await expect(secrets.find('bugs')).rejects.toThrow();
      expect(warn).toHaveBeenCalledOnce();
      expect(uncaught).not.toHaveBeenCalled();
    }, 20_000);
  });

  type Connect = (port: number, password: string | undefined) => Redis | Cluster;

  it.each<[string, () => Promise<RedisServer>, Connect]>([
    ['server', startRedis, (port, password) => new Redis({ port, password })],
    [
      'cluster',
      startRedisCluster,
      (port, password) => new Cluster([{ host: '127.0.0.1', port }], { redisOptions: { password } }),
    ],
  ])(
    'names the reason of a %s that wants another password, and not the password',
    async (_kind, start, connect) => {
      const locked = await start();
      onTestFinished(() => locked.remove());
      await locked.client.config('SET', 'requirepass', 'the-right-password');
      for (const [password, reason] of [
        [undefined, 'NOAUTH'],
        ['the-wrong-password', 'WRONGPASS'],
      ] as const) {
        const client = connect(locked.port, password).on('error', () => {});
        const logger = recordingLogger();
        const { close } = redis(client, { logger });
        onTestFinished(close);
        client.disconnect();
        await soon(() => expect(logger.lines).not.toEqual([]));
        expect(logger.lines).toEqual([expect.stringContaining(`Redis cannot be used (${reason}),`)]);
        expect(logger.lines.join()).not.toContain('-password');
      }
    },
    20_000,
  );
});
