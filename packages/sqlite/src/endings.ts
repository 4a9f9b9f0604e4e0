import { backoffDelay, type InboxWork, LANE_HOLD_MS, MAX_CRASHES, WORKER_DIED } from '@hookshake/core';
import type { InboxRows, QueuedEvent } from './inbox-rows.js';

/** What the end of a try is written with, in a transaction of the caller's. */
export interface Ending {
  readonly rows: InboxRows;
  readonly work: InboxWork;
  readonly time: number;
  /** What has to be told once that is committed. */
  readonly after: (() => void)[];
}

/** A try failed: the event waits for the next one, or is given up. */
export function noteFailure(ending: Ending, one: QueuedEvent, error: unknown): void {
  const { rows, work, time } = ending;
  const failures = one.failures + 1;
  const since = one.failingSince ?? time;
  const moveOnAt = since + LANE_HOLD_MS;
  if (failures >= work.attempts || time >= moveOnAt) {
    giveUp(ending, { ...one, failures }, error, work.describe(error));
    return;
  }
  rows.noteFailure(one.seq, failures, since);
  rows.release(one.seq, Math.min(time + backoffDelay(work.backoffMs, failures), moveOnAt));
}

/** Gives back what workers held that died: in another process, or in this one before it was started again. */
export function giveBackOrphans(ending: Ending): void {
  const { rows, time } = ending;
  for (const holder of rows.expiredHolders(time)) {
    for (const one of rows.heldBy(holder)) {
      if (one.crashes + 1 < MAX_CRASHES) {
        rows.noteCrash(one.seq);
        rows.release(one.seq, time);
      } else {
        giveUp(ending, one, undefined, WORKER_DIED);
      }
    }
    rows.dropHolder(holder);
  }
}

function giveUp({ rows, work, time, after }: Ending, one: QueuedEvent, error: unknown, reason: string): void {
  rows.remove(one);
  rows.addFailed(one.event, one.failures, time, reason);
  after.push(() => work.gaveUp(one.event, one.failures, error));
}
