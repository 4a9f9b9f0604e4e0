import type { Deadline } from './deadline.js';
import { HookshakeError } from './hookshake-error.js';
import type { Awaitable } from './secret-store.js';

/** What a store answers; any failure of it, silence until a deadline included, becomes `store_failed`. */
export function fromStore<T>(ask: () => Awaitable<T>, deadline?: Deadline): Awaitable<T> {
  try {
    const answer = ask();
    if (!isPromiseLike(answer)) return answer;
    return (deadline === undefined ? Promise.resolve(answer) : deadline.within(answer)).catch(fail);
  } catch (cause) {
    return fail(cause);
  }
}

function fail(cause: unknown): never {
  throw new HookshakeError('store_failed', 'The secret store failed or did not answer in time; see `cause`', {
    cause,
  });
}

/** A store of somebody's own answered what its types do not allow. */
export function oddAnswer(operation: string, allowed: string): HookshakeError {
  return new HookshakeError('store_unusable', `${operation} of the secret store must answer ${allowed}`);
}

export function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | undefined | null)?.then === 'function';
}
