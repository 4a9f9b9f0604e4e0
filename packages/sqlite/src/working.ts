import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers';
import { setTimeout as wait } from 'node:timers/promises';
import { HookshakeError, type InboxWork, type InboxWorker } from '@hookshake/core';
import { BUSY_MS, isBusy, whenFree } from './busy.js';
import { giveBackOrphans, noteFailure } from './endings.js';
import type { InboxRows, QueuedEvent } from './inbox-rows.js';
import type { Transaction } from './transaction.js';

/**
 * How long a worker counts as alive after its last renewal. One that died is noticed 12 to 18 seconds later: its last
 * renewal may be RENEW_MS old by then, and the others look as often.
 */
export const LEASE_MS = 15_000;

const RENEW_MS = 3_000;

/** How soon a worker sees what another process appended, and that the time of a try has come. */
const LOOK_MS = 50;

/** How many deliveries are split in one transaction, so that others get the write lock in between. */
const SPLITS_AT_ONCE = 64;

/** The workers of one handle on the file. */
export interface Working {
  consume(work: InboxWork): Promise<InboxWorker>;
  /** There may be something to do. */
  wake(): void;
  /** Ends all workers without a word to the store, as a crash does: their leases run out. */
  abandon(): void;
}

interface Worker {
  /** The name under which it holds events. */
  readonly holder: string;
  readonly work: InboxWork;
  readonly running: Set<Run>;
  stopping: boolean;
}

interface Run {
  readonly one: QueuedEvent;
  readonly controller: AbortController;
  /** Resolves when the try is over and that is written. */
  readonly over: Promise<void>;
  readonly settled: () => void;
}

/** Writes how a try ended. Adds what has to be told of it once that is committed. */
type Settlement = (after: (() => void)[]) => void;

export function createWorking(
  rows: InboxRows,
  write: Transaction,
  { now, changedByOthers }: { now: () => number; changedByOthers: () => boolean },
): Working {
  const workers = new Set<Worker>();
  let settlements: Settlement[] = [];
  let scheduled = false;
  let abandoned = false;
  let nextDueAt = Number.POSITIVE_INFINITY;
  let ticker: NodeJS.Timeout | undefined;
  let renewAt = 0;
  let busySince: number | undefined;

  function schedule(): void {
    if (scheduled || abandoned) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      if (!abandoned) tryPump();
    });
  }

  /** What cannot be written now, since the disk is full for example, is written at a later look; appends fail alike. */
  function tryPump(): void {
    try {
      pump();
      busySince = undefined;
    } catch (error) {
      tellTrouble(error);
      nextDueAt = now();
    }
  }

  function free({ work, running, stopping }: Worker): number {
    return stopping ? 0 : work.concurrency - running.size;
  }

  /** Writes what has ended and takes on what comes next, in one transaction. */
  function pump(): void {
    const ready = [...workers].filter((worker) => free(worker) > 0);
    if (settlements.length === 0 && (ready.length === 0 || !rows.hasWork(now()))) {
      nextDueAt = rows.nextDueAt();
      return;
    }
    const after: (() => void)[] = [];
    const settling = settlements;
    let more = false;
    write(() => {
      for (const settle of settling) settle(after);
      more = takeOn(after);
      // In here, since between the commit and what comes after it nothing may fail.
      nextDueAt = rows.nextDueAt();
    });
    settlements = settlements.slice(settling.length);
    for (const call of after) call();
    if (more) schedule();
  }

  /** Whether there may be more. */
  function takeOn(after: (() => void)[]): boolean {
    const time = now();
    let splits = 0;
    for (const worker of workers) {
      let room = free(worker);
      while (room > 0) {
        const claimed = rows.claim(worker.holder, room, time);
        for (const one of claimed) after.push(() => begin(worker, one));
        room -= claimed.length;
        if (room === 0) break;
        if (splits >= SPLITS_AT_ONCE) return true;
        if (!split(worker.work, time, after)) break;
        splits++;
      }
    }
    return false;
  }

  /** The oldest delivery becomes events. Whether there was one. */
  function split(work: InboxWork, time: number, after: (() => void)[]): boolean {
    const delivery = rows.takeDelivery();
    if (delivery === undefined) return false;
    // With each, so that a file on which most comes loses most, too.
    rows.dropOldSeen(time);
    const events = work.split(delivery);
    if (events === undefined) {
      rows.park(delivery);
      return true;
    }
    for (const event of events) {
      if (rows.markSeen(event, time)) rows.addEvent(event, time);
      else after.push(() => work.duplicate(event));
    }
    return true;
  }

  function begin(worker: Worker, one: QueuedEvent): void {
    let settled = (): void => {};
    const over = new Promise<void>((resolve) => {
      settled = resolve;
    });
    const run: Run = { one, controller: new AbortController(), over, settled };
    worker.running.add(run);
    const { work } = worker;
    (async () =>
      await work.handle(one.event, { attempt: one.failures + 1, signal: run.controller.signal }))().then(
      () => end(worker, run, () => rows.remove(one)),
      (error: unknown) => {
        const time = now();
        end(worker, run, (after) => noteFailure({ rows, work, time, after }, one, error));
      },
    );
  }

  /** Has the end of a try written, unless a stop has given the event back, or the lease has run out. */
  function end(worker: Worker, run: Run, note: Settlement): void {
    if (!worker.running.delete(run)) return;
    settlements.push((after) => {
      after.push(run.settled);
      if (rows.holds(run.one, worker.holder)) note(after);
    });
    schedule();
  }

  /** Gives back what workers held that died, if there are any. */
  function reap(work: InboxWork): void {
    const after: (() => void)[] = [];
    const time = now();
    if (rows.expiredHolders(time).length === 0) return;
    write(() => giveBackOrphans({ rows, work, time, after }));
    for (const call of after) call();
    schedule();
  }

  function renew(): void {
    const expiresAt = now() + LEASE_MS;
    write(() => {
      for (const { holder } of workers) rows.renew(holder, expiresAt);
    });
  }

  function look(): void {
    try {
      if (performance.now() >= renewAt) {
        renew();
        renewAt = performance.now() + RENEW_MS;
        const [any] = workers;
        if (any !== undefined) reap(any.work);
      }
      if (changedByOthers() || now() >= nextDueAt) schedule();
    } catch (error) {
      tellTrouble(error);
    }
  }

  /** The disk is full perhaps, or the file has been locked for long; the next look is soon. */
  function tellTrouble(error: unknown): void {
    busySince ??= performance.now();
    if (isBusy(error) && performance.now() - busySince < BUSY_MS) return;
    const [any] = workers;
    any?.work.troubled(error);
  }

  async function stop(worker: Worker, withinMs: number): Promise<void> {
    worker.stopping = true;
    const timeUp = new AbortController();
    const over = Promise.all([...worker.running].map((run) => run.over));
    await Promise.race([over, wait(withinMs, undefined, { signal: timeUp.signal })]);
    timeUp.abort();
    workers.delete(worker);
    if (abandoned) return;
    const time = now();
    for (const { one, controller } of worker.running) {
      settlements.push(() => {
        if (rows.holds(one, worker.holder)) rows.release(one.seq, time);
      });
      controller.abort();
    }
    worker.running.clear();
    settlements.push(() => rows.dropHolder(worker.holder));
    if (workers.size === 0) clearInterval(ticker);
    try {
      await whenFree(pump);
    } catch (error) {
      // What could not be written now is written later, if anything happens here, or its lease runs out.
      worker.work.troubled(error);
      nextDueAt = now();
    }
  }

  return {
    async consume(work) {
      const worker: Worker = { holder: randomUUID(), work, running: new Set(), stopping: false };
      await whenFree(() => write(() => rows.renew(worker.holder, now() + LEASE_MS)));
      await whenFree(() => reap(work));
      if (abandoned) throw new HookshakeError('receiver_closed', 'The inbox is closed. Open the file anew');
      // Only now: who is told that it does not work must not have it work all the same.
      if (workers.size === 0) ticker = setInterval(look, LOOK_MS);
      workers.add(worker);
      schedule();
      let stopped: Promise<void> | undefined;
      return {
        stop(withinMs) {
          stopped ??= stop(worker, withinMs);
          return stopped;
        },
      };
    },

    wake() {
      if (workers.size > 0 || settlements.length > 0) schedule();
    },

    abandon() {
      abandoned = true;
      clearInterval(ticker);
    },
  };
}
