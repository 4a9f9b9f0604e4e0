import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { isHookshakeError } from '@hookshake/core';
import { append, deliveryOf, many, rawDelivery } from './deliveries.js';
import { BOUND, type InboxCase, inboxCase } from './subject.js';

const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** Bodies that a careless inbox changes: text of the wrong kind, or of the wrong length. */
const ODD_BODIES: Readonly<Record<string, Uint8Array>> = {
  empty: new Uint8Array(),
  'one NUL': Uint8Array.of(0),
  'every byte': every,
  'invalid UTF-8': Uint8Array.of(0xc3, 0x28, 0xff, 0xfe, 0x00, 0x80),
  'a byte order mark': Buffer.from('\ufeff{"events":[]}'),
  'a character cut in half': Buffer.from('ü').subarray(0, 1),
  'a part of a larger buffer': every.subarray(100, 110),
  'four mebibytes': Buffer.alloc(4 * 1024 * 1024, every),
};

/** Cases about `append`. */
export const acceptingCases: readonly InboxCase[] = [
  inboxCase('a delivery appended through one handle is handled through another', async (bench) => {
    await append(bench.inbox, 'bugs', 'a');
    const worker = await bench.consume(bench.second);
    await worker.call('a');
  }),

  inboxCase('a delivery is kept whole: id, hook, time, bytes and trace context', async (bench) => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const sent = [deliveryOf('bugs/a.b_c~d-E', ['a'], traceparent), deliveryOf('bugs', ['b'])];
    for (const delivery of sent) await bench.inbox.append(delivery);
    const worker = await bench.consume(bench.second);
    await worker.call('a');
    await worker.call('b');
    for (const { id, hookId, receivedAtMs, body, traceparent } of sent) {
      const kept = worker.splits.find((one) => one.id === id);
      deepEqual([kept?.hookId, kept?.receivedAtMs], [hookId, receivedAtMs]);
      equal(kept?.traceparent ?? undefined, traceparent);
      ok(kept !== undefined && Buffer.compare(kept.body, body) === 0, 'the bytes are the same');
    }
  }),

  ...Object.entries(ODD_BODIES).map(([name, body]) =>
    inboxCase(`a body is kept byte for byte: ${name}`, async (bench) => {
      const delivery = rawDelivery('bugs', body);
      await bench.inbox.append(delivery);
      const worker = await bench.consume(bench.second);
      await worker.until('the delivery is split', () => worker.splits.length > 0);
      const [kept] = worker.splits;
      ok(kept !== undefined && Buffer.compare(kept.body, body) === 0, 'the worker gets the same bytes');
      await bench.idle(bench.inbox);
      const { items } = await bench.inbox.parked();
      ok(items[0] !== undefined && Buffer.compare(items[0].body, body) === 0, 'the same bytes are parked');
    }),
  ),

  inboxCase('deliveries are kept while nobody works', async (bench) => {
    const first = await bench.consume(bench.inbox);
    await first.stop(1_000);
    await append(bench.inbox, 'bugs', 'a');
    equal((await bench.inbox.stats()).waiting, 1);
    equal(first.calls.length, 0);
    const second = await bench.consume(bench.second);
    await second.call('a');
  }),

  inboxCase('deliveries that are appended at once are all kept', async (bench) => {
    const keys = many(200);
    await Promise.all(keys.map((key, turn) => append(bench.handle(turn), `bugs-${turn % 3}`, key)));
    const worker = await bench.consume(bench.inbox);
    await worker.until('all are handled', () => worker.done.length === keys.length);
    deepEqual([...worker.done].sort(), [...keys].sort());
  }),

  inboxCase('deliveries are taken while others are handled', async (bench) => {
    const worker = await bench.consume(bench.inbox, {
      handle: ({ event }) => (event.key === 'a' ? 'wait' : 'succeed'),
    });
    await append(bench.inbox, 'bugs', 'a');
    const slow = await worker.call('a');
    await append(bench.second, 'bugs', 'b');
    await worker.call('b');
    slow.succeed();
    await bench.idle(bench.inbox);
  }),

  inboxCase(
    'a full inbox refuses with inbox_full, loses nothing, and takes deliveries again once there is room',
    async (bench) => {
      const keys = many(BOUND);
      for (const key of keys) await append(bench.inbox, 'bugs', key);
      await rejects(append(bench.inbox, 'bugs', 'one too many'), (error) =>
        isHookshakeError(error, 'inbox_full'),
      );
      const worker = await bench.consume(bench.inbox);
      await worker.until('all are handled', () => worker.done.length === keys.length);
      await bench.idle(bench.inbox);
      await append(bench.inbox, 'bugs', 'later');
      await worker.call('later');
      deepEqual([...worker.done].sort(), [...keys, 'later'].sort());
    },
    'createBounded',
  ),

  inboxCase('an inbox states a durability that exists', async ({ inbox }) => {
    ok(['none', 'process', 'server', 'power'].includes(inbox.durability), String(inbox.durability));
    equal(typeof inbox.ordered, 'boolean');
  }),
];
