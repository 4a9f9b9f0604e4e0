import { deepEqual, equal, ok } from 'node:assert/strict';
import { LANE_HOLD_MS } from '@hookshake/core';
import { append, many } from './deliveries.js';
import { type Bench, type InboxCase, inboxCase } from './subject.js';

/** A case about order, which an inbox that promises none passes. */
function orderCase(title: string, test: (bench: Bench) => Promise<void>, needs?: 'advance'): InboxCase {
  return inboxCase(title, async (bench) => (bench.inbox.ordered ? await test(bench) : undefined), needs);
}

/** Cases about lanes. */
export const orderingCases: readonly InboxCase[] = [
  orderCase(
    'events of a lane, where an inbox keeps order, are handled in the order of acceptance',
    async (bench) => {
      const keys = many(60);
      for (let from = 0; from < keys.length; from += 3) {
        await append(bench.handle(from), 'bugs', ...keys.slice(from, from + 3).map((key) => `${key}@task`));
      }
      const workers = [await bench.consume(bench.inbox), await bench.consume(bench.second)];
      const done: string[] = [];
      const handled = () => workers.flatMap((worker) => worker.calls);
      await bench.idle(bench.inbox);
      done.push(
        ...handled()
          .toSorted((a, b) => a.at - b.at)
          .map(({ event }) => event.key),
      );
      deepEqual(done, keys);
    },
  ),

  orderCase('events of a lane, where an inbox keeps order, are handled one at a time', async (bench) => {
    const worker = await bench.consume(bench.inbox, { handle: () => 'wait' });
    await append(bench.inbox, 'bugs', 'a@task', 'b@task', 'c@task', 'marker');
    const first = await worker.call('a');
    await worker.call('marker');
    equal(worker.calls.length, 2);
    first.succeed();
    const second = await worker.call('b');
    equal(worker.callsFor('c').length, 0);
    second.succeed();
    (await worker.call('c')).succeed();
  }),

  orderCase(
    'a failing event, where an inbox keeps order, holds those behind it until it succeeds',
    async (bench) => {
      const worker = await bench.consume(bench.inbox, {
        backoffMs: 20,
        handle: ({ event, attempt }) => (event.key === 'a' && attempt < 3 ? 'fail' : 'succeed'),
      });
      await append(bench.inbox, 'bugs', 'a@task');
      await append(bench.inbox, 'bugs', 'b@task');
      for (let attempt = 1; attempt <= 3; attempt++) {
        await worker.call('a', attempt);
        await bench.pass(20 * 2 ** (attempt - 1));
      }
      await worker.call('b');
      deepEqual(
        worker.calls.map(({ event }) => event.key),
        ['a', 'a', 'a', 'b'],
      );
    },
  ),

  orderCase('an event that is given up, where an inbox keeps order, lets its lane move on', async (bench) => {
    const worker = await bench.consume(bench.inbox, {
      attempts: 1,
      handle: ({ event }) => (event.key === 'a' ? 'fail' : 'succeed'),
    });
    await append(bench.inbox, 'bugs', 'a@task', 'b@task');
    await worker.call('b');
    equal((await bench.inbox.failed()).items.length, 1);
  }),

  orderCase(
    'a failing event, where an inbox keeps order, holds its lane for fifteen minutes at most',
    async (bench) => {
      const worker = await bench.consume(bench.inbox, {
        attempts: 1_000,
        backoffMs: 600_000,
        handle: ({ event }) => (event.key === 'a' ? 'fail' : 'succeed'),
      });
      await append(bench.inbox, 'bugs', 'a@task', 'b@task');
      await worker.call('a');
      await append(bench.inbox, 'bugs', 'marker');
      await worker.call('marker');
      equal(worker.callsFor('b').length, 0);
      await bench.pass(LANE_HOLD_MS);
      await worker.call('b');
      const [given] = worker.givenUp;
      deepEqual([given?.event.key, given?.attempts], ['a', worker.callsFor('a').length]);
      const { items } = await bench.inbox.failed();
      deepEqual(
        items.map(({ key }) => key),
        ['a'],
      );
    },
    'advance',
  ),

  orderCase(
    'a failing event, where an inbox keeps order, is not given up for its lane before fifteen minutes',
    async (bench) => {
      const worker = await bench.consume(bench.inbox, {
        attempts: 1_000,
        backoffMs: 60_000,
        handle: ({ event, attempt }) => (event.key === 'a' && attempt < 3 ? 'fail' : 'succeed'),
      });
      await append(bench.inbox, 'bugs', 'a@task', 'b@task');
      await worker.call('a');
      await bench.pass(60_000);
      await worker.call('a', 2);
      await bench.pass(120_000);
      await worker.call('b');
      equal(worker.givenUp.length, 0);
      deepEqual(worker.done.slice(0, 2), ['a', 'b']);
    },
    'advance',
  ),

  inboxCase('a lane is held up by no other lane, and by no other hook', async (bench) => {
    const worker = await bench.consume(bench.inbox, {
      backoffMs: 100_000,
      handle: ({ event }) => (event.key === 'slow' ? 'wait' : event.key === 'failing' ? 'fail' : 'succeed'),
    });
    await append(bench.inbox, 'bugs', 'slow@1', 'failing@2');
    const slow = await worker.call('slow');
    await worker.call('failing');
    await append(bench.inbox, 'bugs', 'a@3', 'b@');
    await append(bench.inbox, 'other', 'c@1', 'd@2');
    for (const key of ['a', 'b', 'c', 'd']) await worker.call(key);
    ok(slow.result === undefined);
    slow.succeed();
  }),
];
