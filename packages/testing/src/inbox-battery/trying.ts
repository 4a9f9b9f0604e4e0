import { deepEqual, equal, ok } from 'node:assert/strict';
import type { FailedEvent, Inbox } from '@hookshake/core';
import { append, many } from './deliveries.js';
import { type Call, HandlerFailure, REASON, type RecordedWork, type WorkOptions } from './recorded-work.js';
import { type Bench, type InboxCase, inboxCase } from './subject.js';

/** Short enough to be waited for where time cannot be moved. */
const BACKOFF_MS = 20;

const failing = (...keys: readonly string[]): Pick<WorkOptions, 'handle'> => ({
  handle: ({ event }: Call) => (keys.includes(event.key) ? 'fail' : 'succeed'),
});

/** Lets an event have all of its tries, each after the other's wait. */
async function exhaust(
  bench: Bench,
  worker: RecordedWork,
  key: string,
  attempts: number,
  before = 0,
): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    await worker.call(key, before + attempt);
    if (attempt < attempts) await bench.pass(BACKOFF_MS * 2 ** (attempt - 1));
  }
  await worker.until(`'${key}' is given up`, () => worker.givenUp.some(({ event }) => event.key === key));
}

async function onlyFailed(inbox: Inbox): Promise<FailedEvent> {
  const { items, next } = await inbox.failed();
  deepEqual([items.length, next], [1, undefined]);
  const [item] = items;
  ok(item !== undefined);
  return item;
}

/** Cases about tries, waits, and events that are given up. */
export const tryingCases: readonly InboxCase[] = [
  inboxCase(
    'an event that failed is tried again until it succeeds, and its neighbours are not',
    async (bench) => {
      const worker = await bench.consume(bench.inbox, {
        backoffMs: BACKOFF_MS,
        handle: ({ event, attempt }) => (event.key === 'b' && attempt < 3 ? 'fail' : 'succeed'),
      });
      await append(bench.inbox, 'bugs', 'a', 'b', 'c');
      for (let attempt = 1; attempt <= 3; attempt++) {
        equal((await worker.call('b', attempt)).attempt, attempt, 'attempts are counted from 1');
        await bench.pass(BACKOFF_MS * 2 ** (attempt - 1));
      }
      await bench.idle(bench.inbox);
      deepEqual([...worker.done].sort(), ['a', 'b', 'c']);
      equal(worker.calls.length, 5);
      deepEqual([(await bench.inbox.failed()).items.length, worker.givenUp.length], [0, 0]);
    },
  ),

  inboxCase('the wait before a try is half its length at least, and doubles', async (bench) => {
    const backoffMs = 40;
    const worker = await bench.consume(bench.inbox, { backoffMs, attempts: 3, ...failing('a') });
    await append(bench.inbox, 'bugs', 'a');
    const first = await worker.call('a', 1);
    await bench.pass(backoffMs);
    const second = await worker.call('a', 2);
    await bench.pass(2 * backoffMs);
    const third = await worker.call('a', 3);
    await worker.until('it is given up', () => worker.givenUp.length === 1);
    const gaps = [second.at - first.at, third.at - second.at] as const;
    // Where time was moved, the clock of this process tells nothing. Timers and clocks differ by a few milliseconds.
    if (!bench.moves) ok(gaps[0] >= backoffMs / 2 - 5 && gaps[1] >= backoffMs - 5, `waits of ${gaps} ms`);
  }),

  inboxCase(
    'a try waits for half of its backoff at least and for all of it at most, which doubles each time',
    async (bench) => {
      const backoffMs = 60_000;
      const worker = await bench.consume(bench.inbox, { backoffMs, attempts: 4, ...failing('a') });
      await append(bench.inbox, 'bugs', 'a');
      for (let failures = 1; failures < 4; failures++) {
        const { result } = await worker.call('a', failures);
        equal(result, 'failed');
        const passHalf = await bench.almost((backoffMs * 2 ** (failures - 1)) / 2);
        await append(bench.inbox, 'bugs', `marker-${failures}`);
        await worker.call(`marker-${failures}`);
        equal(worker.callsFor('a').length, failures, 'it is not tried before half the wait is over');
        await passHalf();
        await bench.pass((backoffMs * 2 ** (failures - 1)) / 2);
        equal((await worker.call('a', failures + 1)).attempt, failures + 1);
      }
      await worker.until('it is given up', () => worker.givenUp.length === 1);
    },
    'advance',
  ),

  inboxCase(
    'an event is given up after its last try, and kept with the reason, not the message',
    async (bench) => {
      const worker = await bench.consume(bench.inbox, {
        backoffMs: BACKOFF_MS,
        attempts: 3,
        ...failing('a'),
      });
      await append(bench.inbox, 'bugs', 'a', 'b');
      const { event } = await worker.call('a');
      await exhaust(bench, worker, 'a', 3);
      const item = await onlyFailed(bench.second);
      const { hookId, key, name, json, attempts, reason } = item;
      deepEqual(
        { hookId, key, name, json, attempts, reason },
        { hookId: 'bugs', key: 'a', name: event.name, json: event.json, attempts: 3, reason: REASON },
      );
      ok(item.failedAt instanceof Date && !Number.isNaN(item.failedAt.getTime()));
      ok(!JSON.stringify(item).includes('a secret of'), 'nothing of the message is kept');
      const [told] = worker.givenUp;
      deepEqual([worker.givenUp.length, told?.event.key, told?.attempts], [1, 'a', 3]);
      ok(told?.error instanceof HandlerFailure, 'gaveUp() gets the error');
      await bench.idle(bench.inbox);
      equal((await bench.inbox.stats()).failed, 1);
    },
  ),

  inboxCase('an event that was given up is not tried again', async (bench) => {
    const worker = await bench.consume(bench.inbox, { backoffMs: BACKOFF_MS, attempts: 2, ...failing('a') });
    await append(bench.inbox, 'bugs', 'a');
    await exhaust(bench, worker, 'a', 2);
    await bench.pass(3_600_000);
    await append(bench.inbox, 'bugs', 'a', 'marker');
    await worker.call('marker');
    await bench.idle(bench.inbox);
    equal(worker.callsFor('a').length, 2);
    equal(worker.duplicates.length, 1, 'it counts as seen');
  }),

  inboxCase(
    'an event with one attempt is given up at its first failure, whatever it failed with',
    async (bench) => {
      const worker = await bench.consume(bench.inbox, { attempts: 1, handle: () => 'wait' });
      await append(bench.inbox, 'bugs', 'a', 'b');
      (await worker.call('a')).fail('a text');
      (await worker.call('b')).fail(null);
      await worker.until('both are given up', () => worker.givenUp.length === 2);
      deepEqual((await bench.inbox.failed()).items.map(({ key }) => key).sort(), ['a', 'b']);
    },
  ),

  inboxCase('a failed event that is retried has all its attempts anew', async (bench) => {
    let broken = true;
    const worker = await bench.consume(bench.inbox, {
      backoffMs: BACKOFF_MS,
      attempts: 2,
      handle: () => (broken ? 'fail' : 'succeed'),
    });
    await append(bench.inbox, 'bugs', 'a');
    await exhaust(bench, worker, 'a', 2);
    await bench.second.retry((await onlyFailed(bench.inbox)).id);
    equal((await worker.call('a', 3)).attempt, 1);
    await bench.pass(BACKOFF_MS);
    equal((await worker.call('a', 4)).attempt, 2);
    await worker.until('it is given up again', () => worker.givenUp.length === 2);
    const again = await onlyFailed(bench.inbox);
    equal(again.attempts, 2);
    broken = false;
    await bench.second.retry(again.id);
    equal((await worker.call('a', 5)).attempt, 1);
    await bench.idle(bench.inbox);
    deepEqual(worker.done, ['a']);
    equal((await bench.inbox.failed()).items.length, 0);
    equal((await bench.inbox.stats()).failed, 0);
  }),

  inboxCase('a failed event that is retried is not in the list while it waits', async (bench) => {
    const worker = await bench.consume(bench.inbox, { attempts: 1, ...failing('a') });
    await append(bench.inbox, 'bugs', 'a');
    await exhaust(bench, worker, 'a', 1);
    await worker.stop(1_000);
    await bench.inbox.retry((await onlyFailed(bench.inbox)).id);
    equal((await bench.inbox.failed()).items.length, 0);
    const { waiting, failed } = await bench.second.stats();
    deepEqual([waiting, failed], [1, 0]);
  }),

  inboxCase('a failed event that is discarded is gone', async (bench) => {
    const worker = await bench.consume(bench.inbox, { attempts: 1, ...failing('a', 'b') });
    await append(bench.inbox, 'bugs', 'a', 'b');
    await exhaust(bench, worker, 'a', 1);
    await exhaust(bench, worker, 'b', 1);
    const { items } = await bench.inbox.failed();
    const [a, b] = ['a', 'b'].map((key) => items.find((item) => item.key === key)?.id ?? '');
    await bench.second.discard(a ?? '');
    equal((await onlyFailed(bench.inbox)).id, b);
    await bench.inbox.retry(a ?? '');
    await append(bench.inbox, 'bugs', 'a', 'marker');
    await worker.call('marker');
    await bench.idle(bench.inbox);
    equal(worker.callsFor('a').length, 1, 'it stays known as seen');
  }),

  inboxCase('to retry or discard what is not there is no error', async ({ inbox }) => {
    for (const id of [
      '',
      '0',
      '999999',
      'no-such-id',
      '6f7b2d9e-6a55-4b6c-8f0e-0d2d6f1f7a11',
      'a:b',
      "'",
      '%',
    ]) {
      await inbox.retry(id);
      await inbox.discard(id);
    }
  }),

  inboxCase('many events that fail do not keep others from being handled', async (bench) => {
    const bad = many(50, 'bad');
    const good = many(50, 'good');
    const worker = await bench.consume(bench.inbox, {
      backoffMs: 100_000,
      concurrency: 5,
      ...failing(...bad),
    });
    await append(bench.inbox, 'bugs', ...bad, ...good);
    await worker.until('the good ones are handled', () => worker.done.length === good.length);
    equal(worker.calls.length, 100);
  }),
];
