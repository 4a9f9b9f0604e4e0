import { statSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createReceiver, SEEN_MS } from '@hookshake/core';
import { delivery, event } from '@hookshake/testing';
import { expect, it } from 'vitest';
import { sqlite } from '../src/index.js';
import { temporaryFolder } from './support/temporary-folder.js';

/** `HOOKSHAKE_LOAD=full` is ten thousand hooks and a million events. */
const isFull = process.env['HOOKSHAKE_LOAD'] === 'full';
const HOOKS = isFull ? 10_000 : 200;
const EVENTS = isFull ? 1_000_000 : 20_000;
const EVENTS_EACH = 10;
const AT_ONCE = 64;

/** Seven days pass in each of them, so that in all but the first as much is forgotten as comes. */
const TENTHS = 10;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

interface Tenth {
  readonly eventsPerSecond: number;
  readonly heapMiB: number;
  readonly rssMiB: number;
  readonly fileMiB: number;
  readonly logMiB: number;
}

const mebibytes = (bytes: number): number => Math.round(bytes / 104_857.6) / 10;

it(`${HOOKS} hooks and ${EVENTS} events: each is handled once, memory and file stay as they are`, async () => {
  const { path } = temporaryFolder();
  let handled = 0;
  const store = sqlite(path, { now: () => Math.floor((handled / EVENTS) * TENTHS * SEEN_MS) });
  const receiver = createReceiver({ ...store, logger: false });
  const waiting = new Map<string, () => void>();
  receiver.on('task.changed', ({ resource }) => {
    handled++;
    waiting.get(resource.gid)?.();
  });
  for (let hook = 0; hook < HOOKS; hook++)
    await store.secrets.accept(`hook-${hook}`, `secret-${hook}`, 'always');
  await receiver.start({ concurrency: 200 });

  /** One delivery after the other, each when the events of the one before have been handled. */
  async function send(deliveries: number, first: number): Promise<void> {
    for (let count = first; count < deliveries; count += AT_ONCE) {
      const hook = count % HOOKS;
      const events = Array.from({ length: EVENTS_EACH }, () => event('task.changed.name'));
      const done = Promise.all(events.map(({ resource }) => handling(resource.gid)));
      const request = delivery(events, { secret: `secret-${hook}`, hookId: `hook-${hook}` });
      expect((await receiver.receive(request)).status).toBe(200);
      await done;
    }
  }

  function handling(gid: string): Promise<void> {
    return new Promise((resolve) => {
      waiting.set(gid, () => {
        // What is handled twice is counted twice, and the sum at the end is too large.
        waiting.delete(gid);
        resolve();
      });
    });
  }

  const tenths: Tenth[] = [];
  for (let tenth = 0; tenth < TENTHS; tenth++) {
    const startedAt = performance.now();
    const deliveries = EVENTS / EVENTS_EACH / TENTHS;
    await Promise.all(Array.from({ length: AT_ONCE }, (_, sender) => send(deliveries, sender)));
    const seconds = (performance.now() - startedAt) / 1_000;
    await receiver.idle();
    collectGarbage();
    const { heapUsed, external, rss } = process.memoryUsage();
    tenths.push({
      eventsPerSecond: Math.round(EVENTS / TENTHS / seconds),
      heapMiB: mebibytes(heapUsed + external),
      rssMiB: mebibytes(rss),
      fileMiB: mebibytes(statSync(path).size),
      logMiB: mebibytes(statSync(`${path}-wal`).size),
    });
  }
  if (isFull) console.table(tenths);
  await receiver.close();

  expect(handled).toBe(EVENTS);
  const [first, second] = tenths;
  const last = tenths.at(-1);
  if (first === undefined || second === undefined || last === undefined) throw new TypeError('no tenths');
  expect(last.heapMiB).toBeLessThan(second.heapMiB + 10);
  expect(last.fileMiB).toBeLessThan(second.fileMiB * 1.5);
  expect(last.logMiB).toBeLessThan(16);
  // In a short run the compiler and the neighbours on the machine decide.
  if (isFull) expect(last.eventsPerSecond).toBeGreaterThan(first.eventsPerSecond * 0.8);
}, 900_000);
