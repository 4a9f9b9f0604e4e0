import { HookshakeError } from './hookshake-error.js';
import { assertNoOthers } from './option-checks.js';
import type { Receiver } from './receiver.js';

/** What an adapter was called with, and what is left of its options when all that it knows are taken. */
export interface Mount {
  readonly receiver: Receiver;
  readonly hookId: unknown;
  readonly unknown: object;
}

/**
 * For adapters, to be called where the receiver is mounted: a mistake that shows there shows before the first delivery.
 *
 * @param call - How the adapter is called, for the message: `hookshake(receiver)`.
 * @throws {@link HookshakeError} `invalid_option`.
 */
export function assertMount(call: string, { receiver, hookId, unknown }: Mount): void {
  if (typeof (receiver as Partial<Receiver> | undefined)?.receive !== 'function') {
    throw new HookshakeError('invalid_option', `${call} needs a receiver, as createReceiver() makes it`);
  }
  assertNoOthers(unknown, call);
  if (hookId !== undefined && typeof hookId !== 'function') {
    throw new HookshakeError('invalid_option', '`hookId` must be a function: (request) => …');
  }
}
