import { deepEqual, equal, ok } from 'node:assert/strict';
import { SEEN_MS } from '@hookshake/core';
import { append, deliveryOf, many, rawDelivery } from './deliveries.js';
import { splitLines } from './recorded-work.js';
import { type InboxCase, inboxCase } from './subject.js';

/** Cases about deliveries becoming events: which are new, which were seen before, and what cannot be read. */
export const splittingCases: readonly InboxCase[] = [
  inboxCase('a worker gets each event as it was split', async (bench) => {
    const delivery = deliveryOf(
      'bugs',
      ['a@1', 'b@2'],
      '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    );
    await bench.inbox.append(delivery);
    const worker = await bench.consume(bench.inbox);
    for (const expected of splitLines(delivery) ?? []) {
      const { event } = await worker.call(expected.key);
      deepEqual({ ...event }, expected);
    }
  }),

  inboxCase('a delivery of a thousand events is handled whole', async (bench) => {
    const keys = many(1_000);
    await append(bench.inbox, 'bugs', ...keys);
    const worker = await bench.consume(bench.inbox);
    await worker.until('all are handled', () => worker.done.length === keys.length);
    await bench.idle(bench.inbox);
    deepEqual([...worker.done].sort(), [...keys].sort());
  }),

  inboxCase('a delivery without events is done with', async (bench) => {
    await append(bench.inbox, 'bugs');
    const worker = await bench.consume(bench.inbox);
    await worker.until('it is split', () => worker.splits.length > 0);
    await bench.idle(bench.inbox);
    equal(worker.calls.length, 0);
    equal((await bench.inbox.parked()).items.length, 0);
  }),

  inboxCase('the same delivery again is dropped, event by event, and told', async (bench) => {
    const worker = await bench.consume(bench.inbox);
    for (let turn = 0; turn < 3; turn++) {
      await append(bench.handle(turn), 'bugs', 'a', 'b');
      await worker.until('it is split', () => worker.splits.length > turn);
      await bench.idle(bench.inbox);
    }
    deepEqual([...worker.done].sort(), ['a', 'b']);
    deepEqual(worker.duplicates.map(({ key }) => key).sort(), ['a', 'a', 'b', 'b']);
    deepEqual(new Set(worker.duplicates.map(({ hookId }) => hookId)), new Set(['bugs']));
  }),

  inboxCase('twenty racing copies of a delivery are handled once', async (bench) => {
    await Promise.all(Array.from({ length: 20 }, (_, turn) => append(bench.handle(turn), 'bugs', 'a', 'b')));
    const workers = [await bench.consume(bench.inbox), await bench.consume(bench.second)];
    const [first] = workers;
    await first
      ?.until('one has been handled', () => workers.some(({ done }) => done.length > 0))
      .catch(() => {});
    await bench.idle(bench.inbox);
    deepEqual(workers.flatMap(({ done }) => done).sort(), ['a', 'b']);
    equal(workers.flatMap(({ duplicates }) => duplicates).length, 38);
  }),

  inboxCase(
    'of a later delivery, events that were seen are dropped and the others handled',
    async (bench) => {
      const worker = await bench.consume(bench.inbox);
      await append(bench.inbox, 'bugs', 'a', 'b');
      await worker.call('b');
      await bench.idle(bench.inbox);
      await append(bench.inbox, 'bugs', 'x', 'b', 'y', 'a', 'z');
      await worker.call('z');
      await bench.idle(bench.inbox);
      deepEqual([...worker.done].sort(), ['a', 'b', 'x', 'y', 'z']);
    },
  ),

  inboxCase('an event that is being handled, or waits for its next try, is seen already', async (bench) => {
    const worker = await bench.consume(bench.inbox, {
      backoffMs: 100_000,
      handle: ({ event }) => (event.key === 'failing' ? 'fail' : event.key === 'slow' ? 'wait' : 'succeed'),
    });
    await append(bench.inbox, 'bugs', 'slow', 'failing');
    const slow = await worker.call('slow');
    await worker.until('the other has failed', () => worker.callsFor('failing')[0]?.result === 'failed');
    await append(bench.inbox, 'bugs', 'slow', 'failing', 'marker');
    await worker.call('marker');
    equal(worker.callsFor('slow').length, 1);
    equal(worker.callsFor('failing').length, 1);
    equal(worker.duplicates.length, 2);
    slow.succeed();
  }),

  inboxCase('a delivery of more events than a call may have arguments holds nothing up', async (bench) => {
    const worker = await bench.consume(bench.inbox);
    await append(bench.inbox, 'bugs', 'a');
    await worker.call('a');
    await bench.idle(bench.inbox);
    await bench.inbox.append(deliveryOf('bugs', [...Array<string>(150_000).fill('a'), 'z']));
    await append(bench.inbox, 'design', 'behind');
    await worker.call('z');
    await worker.call('behind');
    await worker.until('the others are told', () => worker.duplicates.length === 150_000);
    equal(worker.callsFor('a').length, 1);
  }),

  inboxCase('the same event on two hooks is handled on both', async (bench) => {
    await append(bench.inbox, 'bugs', 'a');
    await append(bench.inbox, 'Bugs', 'a');
    await append(bench.inbox, 'bugs/b', 'a');
    const worker = await bench.consume(bench.inbox);
    await worker.call('a', 3);
    deepEqual(worker.calls.map(({ event }) => event.hookId).sort(), ['Bugs', 'bugs', 'bugs/b']);
  }),

  inboxCase('keys that are alike are not taken for one another', async (bench) => {
    const keys = [
      'a',
      'A',
      'aa',
      'a_',
      'a%',
      'a:b',
      'a/b',
      '0',
      '00',
      '1e3',
      'null',
      '__proto__',
      'constructor',
    ];
    await append(bench.inbox, 'bugs', ...keys);
    const worker = await bench.consume(bench.inbox);
    await worker.until('all are handled', () => worker.done.length === keys.length);
    deepEqual([...worker.done].sort(), [...keys].sort());
  }),

  inboxCase(
    'an event is known as seen for seven days, and no longer',
    async (bench) => {
      const worker = await bench.consume(bench.inbox);
      await append(bench.inbox, 'bugs', 'a');
      await worker.call('a');
      await bench.idle(bench.inbox);
      const passRest = await bench.almost(SEEN_MS);
      await append(bench.inbox, 'bugs', 'a', 'before');
      await worker.call('before');
      equal(worker.callsFor('a').length, 1, 'it is dropped just before');
      await bench.idle(bench.inbox);
      await passRest();
      await append(bench.inbox, 'bugs', 'a');
      await worker.call('a', 2);
    },
    'advance',
  ),

  inboxCase('an unreadable delivery is parked, and keeps no other waiting', async (bench) => {
    const unreadable = rawDelivery('bugs', Buffer.from([0, 255, 1]));
    await bench.inbox.append(unreadable);
    await append(bench.inbox, 'bugs', 'a');
    const worker = await bench.consume(bench.inbox);
    await worker.call('a');
    await bench.idle(bench.inbox);
    const { items, next } = await bench.second.parked();
    equal(next, undefined);
    equal(items.length, 1);
    const [parked] = items;
    ok(parked !== undefined);
    deepEqual([parked.hookId, parked.receivedAt.getTime()], ['bugs', unreadable.receivedAtMs]);
    ok(parked.receivedAt instanceof Date);
    ok(Buffer.compare(parked.body, unreadable.body) === 0);
    equal((await bench.inbox.stats()).parked, 1);
    equal((await bench.inbox.failed()).items.length, 0);
  }),

  inboxCase('a parked delivery that is retried is read anew', async (bench) => {
    let readable = false;
    const worker = await bench.consume(bench.inbox, { readable: () => readable });
    await append(bench.inbox, 'bugs', 'a', 'b');
    await worker.until('it is split', () => worker.splits.length === 1);
    await bench.idle(bench.inbox);
    const park = async () => (await bench.second.parked()).items[0]?.id ?? '';
    await bench.second.retry(await park());
    await worker.until('it is split again', () => worker.splits.length === 2);
    await bench.idle(bench.inbox);
    equal((await bench.inbox.parked()).items.length, 1, 'it is parked again while it is unreadable');
    readable = true;
    await bench.second.retry(await park());
    await worker.call('a');
    await worker.call('b');
    await bench.idle(bench.inbox);
    equal((await bench.inbox.parked()).items.length, 0);
    equal((await bench.inbox.stats()).parked, 0);
  }),

  inboxCase('a parked delivery that is discarded is gone', async (bench) => {
    await bench.inbox.append(rawDelivery('bugs', Buffer.from('one')));
    await bench.inbox.append(rawDelivery('bugs', Buffer.from('two')));
    const worker = await bench.consume(bench.inbox);
    await worker.until('both are split', () => worker.splits.length === 2);
    await bench.idle(bench.inbox);
    const [first, second] = (await bench.inbox.parked()).items;
    await bench.second.discard(first?.id ?? '');
    deepEqual(
      (await bench.inbox.parked()).items.map(({ id }) => id),
      [second?.id],
    );
    await bench.inbox.retry(first?.id ?? '');
    await append(bench.inbox, 'bugs', 'marker');
    await worker.call('marker');
    equal(worker.splits.length, 3);
  }),
];
