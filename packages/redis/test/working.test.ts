import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { SEEN_MS } from '@hookshake/core';
import { type RedisServer, startRedis, withoutRedis } from '@hookshake/servers/redis';
import { simpleDelivery, simpleWork } from '@hookshake/testing';
import { Job } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { claimEvents, dropClaims } from '../src/claims.js';
import { redis } from '../src/index.js';
import { openLink } from './support/breakable-link.js';
import { soon } from './support/soon.js';

describe.skipIf(withoutRedis)('work on an inbox in Redis', { timeout: 20_000 }, () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.remove());

  function open() {
    const backend = redis(server.url, { prefix: randomUUID(), logger: false });
    onTestFinished(() => backend.close());
    return backend.inbox;
  }

  it('a delivery whose worker died after it claimed its events, and before it queued them, claims them again', async () => {
    const prefix = randomUUID();
    const claim = (deliveryId: string) => claimEvents(server.client, prefix, 'bugs', deliveryId, ['a', 'b']);
    expect(await claim('first')).toEqual([true, true]);
    expect(await claim('second')).toEqual([false, false]);
    expect(await claim('first')).toEqual([true, true]);
    await dropClaims(server.client, prefix, 'first');
    expect(await claim('first')).toEqual([false, false]);
    expect((await server.client.keys(`{${prefix}}:claimed:*`)).length).toBe(0);
  });

  it('nothing is kept of what is done but its key, and that for seven days', async () => {
    const prefix = randomUUID();
    const { inbox, close } = redis(server.url, { prefix, logger: false });
    onTestFinished(close);
    const worker = await inbox.consume(simpleWork());
    for (const id of ['a', 'b', 'a']) await inbox.append({ ...simpleDelivery(id), id: randomUUID() });
    await soon(async () => expect(await inbox.stats()).toMatchObject({ waiting: 0, running: 0 }));
    await worker.stop(1_000);
    const keys = await server.client.keys(`{${prefix}}:*`);
    expect(keys.filter((key) => /:(claimed|[de]-|completed)/.test(key))).toEqual([]);
    const leftMs = await server.client.pttl(`{${prefix}}:seen:bugs`);
    expect(leftMs).toBeGreaterThan(SEEN_MS - 60_000);
    expect(leftMs).toBeLessThanOrEqual(SEEN_MS);
  });

  it('what others append fills the inbox too, as soon as it is counted', async () => {
    const options = { prefix: randomUUID(), maxWaiting: 3, logger: false } as const;
    const [first, second] = [redis(server.url, options), redis(server.url, options)];
    onTestFinished(first.close);
    onTestFinished(second.close);
    await first.inbox.append(simpleDelivery('a'));
    for (const id of ['b', 'c']) await second.inbox.append(simpleDelivery(id));
    const now = performance.now.bind(performance);
    const later = vi.spyOn(performance, 'now').mockImplementation(() => now() + 251);
    onTestFinished(() => later.mockRestore());
    await expect(first.inbox.append(simpleDelivery('d'))).rejects.toMatchObject({ code: 'inbox_full' });
    expect(await second.inbox.stats()).toMatchObject({ waiting: 3 });
  });

  it('what a worker handles when its inbox is closed is aborted, and given back', async () => {
    const options = { prefix: randomUUID(), logger: false } as const;
    const { inbox, close } = redis(server.url, options);
    const calls = new EventEmitter();
    const [begun, aborted] = [once(calls, 'begun'), once(calls, 'aborted')];
    await inbox.consume(
      simpleWork(async (_event, { signal }) => {
        signal.addEventListener('abort', () => calls.emit('aborted'));
        calls.emit('begun');
        await aborted;
      }),
    );
    await inbox.append(simpleDelivery('a'));
    await begun;
    await close();
    await aborted;
    const later = redis(server.url, options);
    onTestFinished(later.close);
    expect(await later.inbox.stats()).toMatchObject({ waiting: 1, running: 0 });
  });

  it('a delivery that is being split counts as waiting, so that nobody takes the inbox for empty', async () => {
    const prefix = randomUUID();
    const { inbox, close } = redis(server.url, { prefix, logger: false });
    onTestFinished(close);
    await server.client.lpush(`{${prefix}}:deliveries:active`, 'd-being-split');
    expect(await inbox.stats()).toMatchObject({ waiting: 1, running: 0 });
  });

  it('failed events are paged through whole when all of them failed at the same instant', async () => {
    const prefix = randomUUID();
    const { inbox, close } = redis(server.url, { prefix, logger: false });
    onTestFinished(close);
    const worker = await inbox.consume(simpleWork(() => Promise.reject(new Error())));
    const keys = ['a', 'b', 'c', 'd', 'e'];
    for (const key of keys) await inbox.append(simpleDelivery(key));
    await soon(async () => expect((await inbox.stats()).failed).toBe(5));
    await worker.stop(1_000);
    const failed = `{${prefix}}:events:failed`;
    for (const id of await server.client.zrange(failed, '0', '-1')) await server.client.zadd(failed, '1', id);

    const listed: string[] = [];
    let after: string | undefined;
    do {
      const page = await inbox.failed({ limit: 2, after });
      listed.push(...page.items.map(({ key }) => key));
      after = page.next;
    } while (after !== undefined);
    expect(listed.sort()).toEqual(keys);
  });

  it('a delivery that cannot be split is kept, told, and split later', async () => {
    const inbox = open();
    let broken = true;
    const handled: string[] = [];
    const troubles: unknown[] = [];
    const work = simpleWork(async ({ key }) => void handled.push(key));
    await inbox.consume({
      ...work,
      split(raw) {
        if (broken) throw new TypeError('no');
        return work.split(raw);
      },
      troubled(error) {
        troubles.push(error);
        broken = false;
      },
    });
    await inbox.append(simpleDelivery('a'));
    await soon(() => expect(handled).toEqual(['a']));
    expect(troubles).toEqual([expect.any(TypeError)]);
  }, 10_000);

  it.each([
    ['is not tried again', 5],
    ['is not among the failed ones after its last try', 1],
  ])('an event that is being handled when its hook is forgotten %s', async (_what, attempts) => {
    const inbox = open();
    const calls = new EventEmitter();
    let tries = 0;
    const gaveUp = vi.fn();
    const handle = async () => {
      tries++;
      calls.emit('begun');
      await once(calls, 'fail');
      throw new Error('failed');
    };
    const worker = await inbox.consume(simpleWork(handle, { attempts, gaveUp }));
    const begun = once(calls, 'begun');
    await inbox.append(simpleDelivery('a'));
    await begun;
    await inbox.forget('bugs');
    calls.emit('fail');
    await soon(async () => expect(await inbox.stats()).toMatchObject({ waiting: 0, running: 0 }));
    expect(await inbox.stats()).toMatchObject({ failed: 0 });
    expect([tries, gaveUp.mock.calls]).toEqual([1, []]);
    await worker.stop(1_000);
  });

  it.each(['succeeds', 'fails'] as const)(
    'nothing is left of an event that %s just when its hook is forgotten',
    async (how) => {
      const inbox = open();
      const calls = new EventEmitter();
      const begun = once(calls, 'begun');
      const handle = async () => {
        calls.emit('begun');
        await once(calls, 'end');
        if (how === 'fails') throw new Error('failed');
      };
      const worker = await inbox.consume(simpleWork(handle));
      await inbox.append(simpleDelivery('a'));
      await begun;
      const { updateData } = Job.prototype;
      const spy = vi.spyOn(Job.prototype, 'updateData').mockImplementation(async function (this: Job, data) {
        calls.emit('end');
        await soon(async () => expect(await inbox.stats()).toMatchObject({ running: 0 }));
        await updateData.call(this, data);
      });
      onTestFinished(() => spy.mockRestore());
      await inbox.forget('bugs');
      expect(spy).toHaveBeenCalledOnce();
      expect(await inbox.stats()).toMatchObject({ waiting: 0, running: 0, failed: 0 });
      await worker.stop(1_000);
    },
  );

  it('an event that is being handled is held for 12 seconds from each instant on', async () => {
    const prefix = randomUUID();
    const { inbox, close } = redis(server.url, { prefix, logger: false });
    onTestFinished(close);
    const calls = new EventEmitter();
    const begun = once(calls, 'begun');
    await inbox.consume(
      simpleWork(async () => {
        calls.emit('begun');
        await once(calls, 'end');
      }),
    );
    await inbox.append(simpleDelivery('a'));
    await begun;
    const [lock = ''] = await server.client.keys(`{${prefix}}:events:*:lock`);
    // It falls until it is renewed.
    let leastMs = 15_000;
    for (let leftMs = leastMs; leftMs <= leastMs; leftMs = await server.client.pttl(lock)) leastMs = leftMs;
    // For timers that are late, half a second.
    expect(leastMs).toBeGreaterThan(11_500);
    calls.emit('end');
  }, 20_000);

  it('a worker whose server vanished without a word works on with the one that is there now', async () => {
    const prefix = randomUUID();
    const link = await openLink(server.port);
    onTestFinished(() => link.cut());
    const direct = redis(server.url, { prefix, logger: false });
    const linked = redis(`redis://127.0.0.1:${link.port}`, { prefix, logger: false });
    onTestFinished(direct.close);
    onTestFinished(linked.close);
    const handled: string[] = [];
    await linked.inbox.consume(simpleWork(async ({ key }) => void handled.push(key)));
    await direct.inbox.append(simpleDelivery('before'));
    await soon(() => expect(handled).toEqual(['before']));
    // Were it frozen before that one is done, it would be handled again, as it should be.
    await soon(async () => expect(await direct.inbox.stats()).toMatchObject({ waiting: 0, running: 0 }));
    link.freeze();
    await direct.inbox.append(simpleDelivery('after'));
    await vi.waitFor(() => expect(handled).toEqual(['before', 'after']), { timeout: 45_000 });
  }, 60_000);
});
