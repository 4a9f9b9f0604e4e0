import { setImmediate } from 'node:timers/promises';
import { HookshakeError, type RawDelivery } from '@hookshake/core';
import { whenFree } from './busy.js';
import type { InboxRows } from './inbox-rows.js';
import type { Transaction } from './transaction.js';

/** Takes deliveries and answers when they are on the disk. */
export interface Appending {
  append(delivery: RawDelivery): Promise<void>;
  /** Resolves when what waits to be written is, or is known not to be. */
  flush(): Promise<void>;
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
  let flushing: Promise<void> | undefined;

  function schedule(): void {
    flushing ??= flushAll().finally(() => {
      flushing = undefined;
      if (queue.length > 0) schedule();
    });
  }

  async function flushAll(): Promise<void> {
    while (queue.length > 0) {
      await setImmediate();
      const group = queue.slice(0, MAX_GROUP);
      queue = queue.slice(MAX_GROUP);
      await flushGroup(group);
    }
  }

  async function flushGroup(group: readonly Entry[]): Promise<void> {
    let fitting: readonly Entry[] = [];
    try {
      await whenFree(() =>
        write(() => {
          fitting = group.slice(0, Math.max(0, maxWaiting - rows.waiting()));
          for (const { delivery } of fitting) rows.addDelivery(delivery, now());
        }),
      );
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

    async flush() {
      while (flushing !== undefined) await flushing;
    },
  };
}

function full(maxWaiting: number): HookshakeError {
  return new HookshakeError(
    'inbox_full',
    `${maxWaiting} deliveries and events wait in this inbox already. Start a worker, or more of them`,
  );
}
