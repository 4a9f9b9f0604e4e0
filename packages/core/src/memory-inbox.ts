import { setImmediate } from 'node:timers';
import { HookshakeError } from './hookshake-error.js';
import {
  backoffDelay,
  type FailedEvent,
  type Inbox,
  type InboxEvent,
  type InboxWork,
  LANE_HOLD_MS,
  type ParkedDelivery,
  type RawDelivery,
  SEEN_MS,
} from './inbox.js';
import { createLanes, type QueuedEvent } from './memory-lanes.js';
import { assertNoOthers, assertWithin } from './option-checks.js';
import { createPagedList } from './paged-list.js';
import { settlesWithin } from './settles-within.js';

/** Options of {@link memoryInbox}. */
export interface MemoryInboxOptions {
  /**
   * How many deliveries and events may wait, 1 to 1000000; more are refused with 503. Their bytes have a bound of their
   * own, of 64 MiB.
   * @defaultValue 10000
   */
  readonly maxWaiting?: number | undefined;
  /**
   * The clock, in milliseconds since 1970, for tests that move it; call {@link MemoryInbox.wake} after that.
   * @defaultValue `Date.now`
   */
  readonly now?: (() => number) | undefined;
}

/** The inbox of {@link memoryInbox}. */
export interface MemoryInbox extends Inbox {
  /** Looks at the clock: for tests that have moved it. */
  wake(): void;
}

const MAX_BYTES = 64 * 1024 * 1024;
const MAX_SEEN = 100_000;
/** The longest wait of a timer. Only a clock that was set back by weeks makes any as long. */
const MAX_TIMER_MS = 2 ** 31 - 1;

interface Worker {
  readonly work: InboxWork;
  readonly running: Set<Run>;
}

interface Run {
  readonly one: QueuedEvent;
  readonly controller: AbortController;
  /** Resolves when the try is over, however it went. */
  over: Promise<void>;
}

/**
 * An inbox in the memory of this process, for tests and first steps. **A restart forgets it**, though Asana was told
 * that all is well, and never sends a delivery again that was answered 200.
 *
 * Events of one resource keep their order; one that has been failing for 15 minutes is given up, whatever `attempts`
 * says. A repeated event is dropped for 7 days, if it is among the last 100,000 that came.
 *
 * @throws {@link HookshakeError} `invalid_option`.
 * @example
 * ```ts
 * const receiver = createReceiver({ secrets: memorySecrets(), inbox: memoryInbox() });
 * receiver.on('task.changed', (event) => console.log(event.resource.gid));
 * await receiver.start();
 * ```
 */
export function memoryInbox(options: MemoryInboxOptions = {}): MemoryInbox {
  const { maxWaiting = 10_000, now = Date.now, ...unknown } = options;
  assertNoOthers(unknown, 'memoryInbox()');
  assertWithin('maxWaiting', maxWaiting, 1_000_000);

  const deliveries: { readonly raw: RawDelivery; readonly since: number }[] = [];
  const lanes = createLanes(now);
  const seen = new Map<string, number>();
  const failed = createPagedList<FailedEvent & { readonly event: InboxEvent }>();
  const parked = createPagedList<ParkedDelivery & { readonly raw: RawDelivery }>();
  const workers = new Set<Worker>();
  let bytesUnsplit = 0;
  let lastId = 0;
  let running = 0;
  let scheduled = false;
  let timer: NodeJS.Timeout | undefined;

  /** Handlers begin in a turn of their own, after the answer. */
  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      pump();
    });
  }

  function pump(): void {
    let begun: boolean;
    do {
      begun = false;
      for (const worker of workers) {
        if (!hasRoom(worker)) continue;
        const one = next(worker.work);
        if (one === undefined) continue;
        begin(worker, one);
        begun = true;
      }
    } while (begun);
    clearTimeout(timer);
    // Whoever has no room looks again when one of its tries ends.
    if (![...workers].some(hasRoom) || lanes.nextDueAt === Number.POSITIVE_INFINITY) return;
    timer = setTimeout(pump, Math.min(Math.max(1, lanes.nextDueAt - now()), MAX_TIMER_MS)).unref();
  }

  /** Deliveries are split one after the other and no earlier than needed: what is not split yet takes less memory. */
  function next(work: InboxWork): QueuedEvent | undefined {
    for (;;) {
      const one = lanes.take();
      if (one !== undefined) return one;
      const raw = deliveries.shift()?.raw;
      if (raw === undefined) return undefined;
      bytesUnsplit -= raw.body.length;
      split(raw, work);
    }
  }

  function split(raw: RawDelivery, work: InboxWork): void {
    const events = work.split(raw);
    if (events === undefined) {
      const { hookId, receivedAtMs, body } = raw;
      parked.add({ id: String(++lastId), hookId, receivedAt: new Date(receivedAtMs), body, raw });
      return;
    }
    for (const event of events) {
      if (markSeen(`${event.hookId}\n${event.key}`)) lanes.add(event);
      else work.duplicate(event);
    }
  }

  /** Whether this is the first time. */
  function markSeen(key: string): boolean {
    for (const [oldest, since] of seen) {
      if (since + SEEN_MS > now() && seen.size < MAX_SEEN) break;
      seen.delete(oldest);
    }
    if (seen.has(key)) return false;
    seen.set(key, now());
    return true;
  }

  function begin(worker: Worker, one: QueuedEvent): void {
    const run: Run = { one, controller: new AbortController(), over: Promise.resolve() };
    const { work } = worker;
    worker.running.add(run);
    running++;

    // A stop gives the event back while its handlers may still run; what becomes of them counts no more.
    const end = (settle: () => void): void => {
      if (!worker.running.delete(run)) return;
      running--;
      settle();
      schedule();
    };
    run.over = (async () =>
      await work.handle(one.event, { attempt: one.failures + 1, signal: run.controller.signal }))().then(
      () => end(() => void lanes.remove(one)),
      (error: unknown) => end(() => fail(work, one, error)),
    );
  }

  function fail(work: InboxWork, one: QueuedEvent, error: unknown): void {
    const time = now();
    one.failures++;
    one.failingSince ??= time;
    const moveOnAt = one.failingSince + LANE_HOLD_MS;
    if (one.failures < work.attempts && time < moveOnAt) {
      lanes.release(one, Math.min(time + backoffDelay(work.backoffMs, one.failures), moveOnAt));
      return;
    }
    // Its hook was forgotten while it was tried.
    if (!lanes.remove(one)) return;
    const { event, failures: attempts } = one;
    const { hookId, key, name, json } = event;
    const id = String(++lastId);
    const reason = work.describe(error);
    failed.add({ id, hookId, key, name, json, attempts, failedAt: new Date(time), reason, event });
    work.gaveUp(event, attempts, error);
  }

  async function stop(worker: Worker, withinMs: number): Promise<void> {
    workers.delete(worker);
    await settlesWithin(Promise.all([...worker.running].map((run) => run.over)), withinMs);
    for (const run of worker.running) {
      worker.running.delete(run);
      running--;
      run.controller.abort();
      lanes.release(run.one, now());
    }
    schedule();
  }

  return {
    durability: 'none',
    ordered: true,

    async append(delivery) {
      const bytes = bytesUnsplit + lanes.bytes;
      if (
        deliveries.length + lanes.count >= maxWaiting ||
        (bytes > 0 && bytes + delivery.body.length > MAX_BYTES)
      ) {
        throw new HookshakeError(
          'inbox_full',
          'Too much waits in this memoryInbox(). Start a worker, or more of them',
        );
      }
      deliveries.push({ raw: delivery, since: now() });
      bytesUnsplit += delivery.body.length;
      schedule();
    },

    async consume(work) {
      const worker: Worker = { work, running: new Set() };
      workers.add(worker);
      schedule();
      return { stop: (withinMs) => stop(worker, withinMs) };
    },

    async failed(options) {
      const { items, next } = failed.page(options);
      return { items: items.map(({ event: _event, ...item }) => item), next };
    },

    async parked(options) {
      const { items, next } = parked.page(options);
      return { items: items.map(({ raw: _raw, ...item }) => item), next };
    },

    async retry(id) {
      const event = failed.take(id)?.event;
      if (event !== undefined) lanes.add(event);
      const raw = parked.take(id)?.raw;
      if (raw !== undefined) {
        deliveries.push({ raw, since: now() });
        bytesUnsplit += raw.body.length;
      }
      schedule();
    },

    async discard(id) {
      failed.take(id);
      parked.take(id);
    },

    async forget(hookId) {
      const kept = deliveries.filter(({ raw }) => raw.hookId !== hookId);
      deliveries.splice(0, deliveries.length, ...kept);
      bytesUnsplit = kept.reduce((sum, { raw }) => sum + raw.body.length, 0);
      lanes.drop(hookId);
      failed.drop(hookId);
      parked.drop(hookId);
      for (const key of seen.keys()) if (key.startsWith(`${hookId}\n`)) seen.delete(key);
    },

    async stats() {
      const since = [deliveries[0]?.since, lanes.oldestDueAt].filter((one) => one !== undefined);
      return {
        waiting: deliveries.length + lanes.count,
        running,
        failed: failed.size,
        parked: parked.size,
        oldestAgeMs: since.length === 0 ? 0 : Math.max(0, now() - Math.min(...since)),
      };
    },

    wake: pump,
  };
}

function hasRoom({ running, work }: Worker): boolean {
  return running.size < work.concurrency;
}
