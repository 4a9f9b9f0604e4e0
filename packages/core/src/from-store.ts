import type { Deadline } from './deadline.js';
import { HookshakeError } from './hookshake-error.js';
import type { Awaitable } from './secret-store.js';

/** What a store answers; any failure of it, silence until a deadline included, becomes `store_failed`. */
export async function fromStore<T>(ask: () => Awaitable<T>, deadline?: Deadline): Promise<T> {
  try {
    const answer = ask();
    return isPromiseLike(answer) && deadline !== undefined ? await deadline.within(answer) : await answer;
  } catch (cause) {
    throw new HookshakeError('store_failed', 'The secret store failed or did not answer in time', { cause });
  }
}

export function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | undefined | null)?.then === 'function';
}
