import { deepEqual, equal, ok } from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { MAX_CRASHES, WORKER_DIED } from '@hookshake/core';
import { append, many } from './deliveries.js';
import { type InboxCase, inboxCase } from './subject.js';

/**
 * A stop that does not wait for what runs has ended by then, and a worker that goes on has begun what comes. That nothing
 * happens can be seen in no other way than by letting time pass.
 */
const MOMENT_MS = 50;

/** Cases about workers: several of them, ones that stop, and ones that die. */
export const workingCases: readonly InboxCase[] = [
  inboxCase('two workers share the events, and none is handled twice', async (bench) => {
    const keys = many(120);
    const workers = [
      await bench.consume(bench.inbox, { concurrency: 3 }),
      await bench.consume(bench.second, { concurrency: 3 }),
    ];
    await Promise.all(
      Array.from({ length: 40 }, (_, turn) =>
        append(bench.handle(turn), 'bugs', ...keys.slice(3 * turn, 3 * turn + 3)),
      ),
    );
    await bench.idle(bench.inbox);
    deepEqual(
      workers
        .flatMap(({ calls }) => calls)
        .map(({ event }) => event.key)
        .sort(),
      [...keys].sort(),
    );
  }),

  inboxCase('an event that one worker handles is handled by no other meanwhile', async (bench) => {
    const first = await bench.consume(bench.inbox, { handle: () => 'wait' });
    await append(bench.inbox, 'bugs', 'a');
    const call = await first.call('a');
    const second = await bench.consume(bench.second);
    await append(bench.second, 'bugs', ...many(20));
    await second.until('the second worker works', () => second.calls.length > 0).catch(() => {});
    equal(second.callsFor('a').length, 0);
    for (const { succeed } of first.calls) succeed();
    ok(call.result === 'done');
  }),

  inboxCase('a worker handles as many events at once as it is told, and no more', async (bench) => {
    for (const concurrency of [1, 4]) {
      const worker = await bench.consume(bench.inbox, { concurrency, handle: () => 'wait' });
      await append(bench.inbox, 'bugs', ...many(12, `with-${concurrency}`));
      for (let count = 1; count <= 12; count++) {
        const atOnce = Math.min(concurrency, 13 - count);
        await worker.until(`${atOnce} run`, () => worker.calls.length >= count - 1 + atOnce);
        worker.calls.find(({ result }) => result === undefined)?.succeed();
      }
      await bench.idle(bench.inbox);
      equal(worker.mostAtOnce, concurrency);
      equal(worker.calls.length, 12);
      await worker.stop(1_000);
    }
  }),

  inboxCase('a worker that stops waits for what is running, which is then done', async (bench) => {
    const worker = await bench.consume(bench.inbox, { concurrency: 1, handle: () => 'wait' });
    await append(bench.inbox, 'bugs', 'a', 'b');
    const call = await worker.call('a');
    let stopped = false;
    const stopping = worker.stop(3_600_000).then(() => {
      stopped = true;
    });
    await append(bench.inbox, 'bugs', 'c');
    await Promise.race([stopping, setTimeout(MOMENT_MS)]);
    deepEqual([stopped, call.signal.aborted], [false, false]);
    call.succeed();
    await stopping;
    equal(worker.calls.length, 1, 'nothing new is begun');
    const next = await bench.consume(bench.second);
    await next.call('b');
    await next.call('c');
    await bench.idle(bench.inbox);
    equal(next.callsFor('a').length, 0);
  }),

  inboxCase('a worker that stops takes on nothing new, though it has room', async (bench) => {
    const worker = await bench.consume(bench.inbox, { concurrency: 5, handle: () => 'wait' });
    await append(bench.inbox, 'bugs', 'a');
    const call = await worker.call('a');
    const stopping = worker.stop(3_600_000);
    await append(bench.inbox, 'bugs', 'b');
    await setTimeout(MOMENT_MS);
    equal(worker.calls.length, 1);
    call.succeed();
    await stopping;
    const next = await bench.consume(bench.second);
    await next.call('b');
    equal(worker.calls.length, 1);
  }),

  inboxCase(
    'a stop that has waited long enough aborts what runs, which is no failed try and comes again',
    async (bench) => {
      const worker = await bench.consume(bench.inbox, {
        attempts: 1,
        backoffMs: 3_600_000,
        handle: () => 'wait',
      });
      await append(bench.inbox, 'bugs', 'a');
      const call = await worker.call('a');
      equal(call.signal.aborted, false);
      await worker.stop(1);
      equal(call.signal.aborted, true);
      deepEqual([worker.givenUp.length, (await bench.inbox.failed()).items.length], [0, 0]);
      equal((await bench.inbox.stats()).waiting, 1);
      const next = await bench.consume(bench.second, { attempts: 1 });
      equal((await next.call('a')).attempt, 1);
      await bench.idle(bench.inbox);
    },
  ),

  inboxCase('a stop does not count the failed tries of before as forgotten', async (bench) => {
    const worker = await bench.consume(bench.inbox, {
      backoffMs: 20,
      handle: ({ attempt }) => (attempt === 1 ? 'fail' : 'wait'),
    });
    await append(bench.inbox, 'bugs', 'a');
    await worker.call('a');
    await bench.pass(20);
    equal((await worker.call('a', 2)).attempt, 2);
    await worker.stop(1);
    const next = await bench.consume(bench.second);
    equal((await next.call('a')).attempt, 2);
  }),

  inboxCase(
    'a stop waits for no handler that ignores its signal, and how that one ends changes nothing',
    async (bench) => {
      const worker = await bench.consume(bench.inbox, { attempts: 2, heeds: false, handle: () => 'wait' });
      await append(bench.inbox, 'bugs', 'a', 'b');
      const [a, b] = [await worker.call('a'), await worker.call('b')];
      await worker.stop(1);
      const next = await bench.consume(bench.second, {
        attempts: 2,
        backoffMs: 20,
        handle: ({ attempt }) => (attempt === 1 ? 'wait' : 'succeed'),
      });
      const again = [await next.call('a'), await next.call('b')];
      a.fail();
      b.succeed();
      deepEqual(
        again.map(({ attempt }) => attempt),
        [1, 1],
      );
      for (const { fail } of again) fail();
      await bench.pass(20);
      // Had the late failure counted, 'a' would be given up; had the late success, 'b' would be gone.
      for (const key of ['a', 'b']) equal((await next.call(key, 2)).attempt, 2);
      await bench.idle(bench.inbox);
      deepEqual([...next.done].sort(), ['a', 'b']);
      equal(next.calls.length, 4);
      deepEqual([worker.givenUp.length, (await bench.inbox.failed()).items.length], [0, 0]);
    },
  ),

  inboxCase('a stop of one worker does not disturb another', async (bench) => {
    const first = await bench.consume(bench.inbox);
    const second = await bench.consume(bench.second);
    await first.stop(1_000);
    await append(bench.inbox, 'bugs', 'a');
    await second.call('a');
    equal(first.calls.length, 0);
  }),

  inboxCase(
    'an event that was handled when its worker died comes again, and that is no failed try',
    async (bench) => {
      const worker = await bench.consume(bench.inbox, {
        attempts: 1,
        heeds: false,
        handle: () => 'wait',
        concurrency: 2,
      });
      await append(bench.inbox, 'bugs', 'a', 'b', 'c', 'd');
      await worker.until('two run', () => worker.calls.length === 2);
      const inbox = await bench.crash();
      const next = await bench.consume(inbox, { attempts: 1 });
      for (const key of ['a', 'b', 'c', 'd']) equal((await next.call(key)).attempt, 1);
      await bench.idle(inbox);
      equal((await inbox.failed()).items.length, 0);
      equal(next.calls.length, 4);
    },
    'crash',
  ),

  inboxCase(
    'what was done or given up stays so when a worker dies',
    async (bench) => {
      const worker = await bench.consume(bench.inbox, {
        attempts: 1,
        heeds: false,
        handle: ({ event }) => (event.key === 'good' ? 'succeed' : event.key === 'bad' ? 'fail' : 'wait'),
      });
      await append(bench.inbox, 'bugs', 'good', 'bad', 'slow');
      await worker.call('slow');
      await worker.until('one is given up', () => worker.givenUp.length === 1);
      await worker.until('one is done', () => worker.done.length === 1);
      await bench.noted();
      const inbox = await bench.crash();
      const next = await bench.consume(inbox);
      await next.call('slow');
      await append(inbox, 'bugs', 'good', 'bad', 'marker');
      await next.call('marker');
      await bench.idle(inbox);
      deepEqual(next.calls.map(({ event }) => event.key).sort(), ['marker', 'slow']);
      equal((await inbox.failed()).items.length, 1);
    },
    'crash',
  ),

  inboxCase(
    `an event during which its worker died ${MAX_CRASHES} times is given up`,
    async (bench) => {
      let inbox = bench.inbox;
      await append(inbox, 'bugs', 'deadly');
      for (let crash = 1; crash <= MAX_CRASHES; crash++) {
        const worker = await bench.consume(inbox, { heeds: false, handle: () => 'wait' });
        equal((await worker.call('deadly')).attempt, 1);
        inbox = await bench.crash();
      }
      const last = await bench.consume(inbox);
      await last.until('it is given up', () => last.givenUp.length === 1);
      equal(last.calls.length, 0);
      const { items } = await inbox.failed();
      equal(items[0]?.key, 'deadly');
      equal(items[0].reason, WORKER_DIED);
      equal(last.givenUp[0]?.error, undefined);
      await inbox.retry(items[0].id);
      await last.call('deadly');
      await bench.idle(inbox);
    },
    'crash',
  ),
];
