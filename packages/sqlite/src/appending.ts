import { setImmediate } from 'node:timers/promises';
import { HookshakeError, type RawDelivery } from '@hookshake/core';
import { whenFree } from './busy.js';
import type { InboxRows } from './inbox-rows.js';

/** Takes deliveries and answers when they are on the disk. */
export interface Appending {
  append(delivery: RawDelivery): Promise<void>;
  /** Resolves when what waits to be written is, or is known not to be. */
  flush(): Promise<void>;
}

export interface AppendingOptions {
  readonly maxWaiting: number;
  readonly now: () => number;
  /** Throws if the file is gone, so that nothing is written to it. */
  readonly assertPresent: () => void;
  /** Called when deliveries were kept. */
  readonly appended: () => void;
}

interface Entry {
  readonly delivery: RawDelivery;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** More of them in one statement are no faster, and keep the first one waiting. */
const MAX_GROUP = 64;

/** How old a count may be that workers and other processes have changed since, in milliseconds. */
const MAX_COUNT_AGE_MS = 250;

/**
 * Group commit: what is appended in one turn of the event loop shares one statement, and so one wait for the disk.
 * There is no timer: a delivery that comes alone is written at once.
 */
export function createAppending(
  rows: InboxRows,
  { maxWaiting, now, assertPresent, appended }: AppendingOptions,
): Appending {
  let queue: Entry[] = [];
  let flushing: Promise<void> | undefined;
  let room = 0;
  let countedAt = 0;

  /** For how many of the deliveries there is room. What waits is counted every 250 ms at most, unless there is too little. */
  function takeRoom(wanted: number): number {
    if (room < wanted || performance.now() - countedAt > MAX_COUNT_AGE_MS) {
      room = Math.max(0, maxWaiting - rows.waiting());
      countedAt = performance.now();
    }
    const taken = Math.min(wanted, room);
    room -= taken;
    return taken;
  }

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
      await whenFree(() => {
        assertPresent();
        fitting = group.slice(0, takeRoom(group.length));
        const deliveries = fitting.map(({ delivery }) => delivery);
        rows.addDeliveries(deliveries, now());
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
