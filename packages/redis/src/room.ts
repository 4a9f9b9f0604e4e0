import { HookshakeError } from '@hookshake/core';

/** How old a count may be that other processes may have added to, in milliseconds. */
const MAX_AGE_MS = 250;

/**
 * Rejects with `inbox_full` when there is no room for another delivery. What waits is counted every 250 ms at most, so
 * several processes together may exceed the bound by what they append within that time.
 */
export function createRoom(maxWaiting: number, countWaiting: () => Promise<number>): () => Promise<void> {
  let room = 0;
  let countedAt = 0;
  let counting: Promise<void> | undefined;

  async function count(): Promise<void> {
    const waiting = await countWaiting();
    room = maxWaiting - waiting;
    countedAt = performance.now();
  }

  return async function takeRoom() {
    if (room <= 0 || performance.now() - countedAt > MAX_AGE_MS) {
      counting ??= count().finally(() => {
        counting = undefined;
      });
      await counting;
    }
    if (room <= 0) {
      throw new HookshakeError(
        'inbox_full',
        `${maxWaiting} deliveries and events wait in Redis already. Start a worker, or more of them`,
      );
    }
    room--;
  };
}
