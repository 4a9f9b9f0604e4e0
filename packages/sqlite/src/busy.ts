import { setTimeout } from 'node:timers/promises';

/**
 * How long SQLite itself waits for another process's transaction, in milliseconds. They are short. Nothing else is done
 * meanwhile, no request is answered, so a longer wait is left to {@link whenFree}.
 */
export const BLOCK_MS = 20;

/** How long a locked file is waited for in all, in milliseconds; the answer to Asana is due after 9 s. */
export const BUSY_MS = 5_000;

const PAUSE_MS = 50;
const SQLITE_BUSY = 5;

/** Whether another process has the file locked. */
export function isBusy(error: unknown): boolean {
  const { errcode = 0 } = error as { errcode?: number };
  return (errcode & 0xff) === SQLITE_BUSY;
}

/** Does the work, at once or as soon as the file is free; rejects with SQLite's error when it is not for {@link BUSY_MS}. */
export async function whenFree<T>(work: () => T): Promise<T> {
  const giveUpAt = performance.now() + BUSY_MS;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() >= giveUpAt) throw error;
    }
    await setTimeout(PAUSE_MS);
  }
}
