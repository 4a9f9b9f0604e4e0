import { setImmediate } from 'node:timers';
import { HookshakeError, type RawDelivery } from '@hookshake/core';
import type { InboxRows } from './inbox-rows.js';
import type { Transaction } from './transaction.js';

/** Takes deliveries and answers when they are on the disk. */
export interface Appending {
  append(delivery: RawDelivery): Promise<void>;
  /** Writes what waits to be written. */
  flush(): void;
}

interface Entry {
  readonly delivery: RawDelivery;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** More of them in one transaction are no faster, and keep the first one waiting. */
const MAX_GROUP = 64;

/**
 * Group commit: what is appended in one turn of the event loop shares one transaction, and so one wait for the disk.
 * There is no timer: a delivery that comes alone is written at once.
 */
export function createAppending(
  rows: InboxRows,
  write: Transaction,
  { maxWaiting, now, appended }: { maxWaiting: number; now: () => number; appended: () => void },
): Appending {
  let queue: Entry[] = [];
  let scheduled = false;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      flushGroup();
      if (queue.length > 0) schedule();
    });
  }

  function flushGroup(): void {
    const group = queue.slice(0, MAX_GROUP);
    queue = queue.slice(MAX_GROUP);
    if (group.length === 0) return;
    let fitting: readonly Entry[] = [];
    try {
      write(() => {
        fitting = group.slice(0, Math.max(0, maxWaiting - rows.waiting()));
        for (const { delivery } of fitting) rows.addDelivery(delivery, now());
      });
    } catch (error) {
      for (const { reject } of group) reject(error);
      return;
    }
    for (const { resolve } of fitting) resolve();
    for (const { reject } of group.slice(fitting.length)) reject(full(maxWaiting));
    if (fitting.length > 0) appended();
  }

  return {
    append(delivery) {
      return new Promise((resolve, reject) => {
        queue.push({ delivery, resolve, reject });
        schedule();
      });
    },

    flush() {
      while (queue.length > 0) flushGroup();
    },
  };
}

function full(maxWaiting: number): HookshakeError {
  return new HookshakeError(
    'inbox_full',
    `${maxWaiting} deliveries and events wait in this inbox already. Start a worker, or more of them`,
  );
}
