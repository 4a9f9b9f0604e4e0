import { setImmediate } from 'node:timers';
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

/** What may wait to be written, in bytes, so that a file which somebody has locked does not become a full memory. */
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;

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
  const queue: Entry[] = [];
  let queuedBytes = 0;
  let isWriting = false;
  let last: Promise<void> | undefined;
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

  /** Throws SQLite's error; none of the group is kept then. */
  function write(group: readonly Entry[]): readonly Entry[] {
    assertPresent();
    const fitting = group.slice(0, takeRoom(group.length));
    rows.addDeliveries(
      fitting.map(({ delivery }) => delivery),
      now(),
    );
    return fitting;
  }

  /** Writes the first group that waits; the next one has a turn of its own. */
  async function writeGroup(): Promise<void> {
    const group = queue.splice(0, MAX_GROUP);
    try {
      const fitting = await whenFree(() => write(group));
      for (const { resolve } of fitting) resolve();
      for (const { reject } of group.slice(fitting.length)) {
        reject(full(`${maxWaiting} deliveries and events wait in it`));
      }
      if (fitting.length > 0) appended();
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
    for (const { delivery } of group) queuedBytes -= delivery.body.length;
    isWriting = queue.length > 0;
    if (isWriting) setImmediate(writeGroup);
  }

  return {
    append(delivery) {
      if (queuedBytes > 0 && queuedBytes + delivery.body.length > MAX_QUEUED_BYTES) {
        return Promise.reject(full('its file takes deliveries too slowly'));
      }
      queuedBytes += delivery.body.length;
      last = new Promise((resolve, reject) => {
        queue.push({ delivery, resolve, reject });
      });
      if (!isWriting) setImmediate(writeGroup);
      isWriting = true;
      return last;
    },

    // They are written in order.
    flush: async () => await last?.catch(() => undefined),
  };
}

function full(what: string): HookshakeError {
  return new HookshakeError('inbox_full', `This inbox is full: ${what}. Start a worker, or more of them`);
}
