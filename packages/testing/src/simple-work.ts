import type { InboxWork, RawDelivery } from '@hookshake/core';

/** A delivery of the hook `bugs`, to be split by {@link simpleWork}. */
export function simpleDelivery(id: string): RawDelivery {
  return { id, hookId: 'bugs', receivedAtMs: 0, body: Buffer.from(id) };
}

/**
 * Work for `inbox.consume` where a test needs no receiver: each delivery is one event, whose key and lane are the
 * delivery's id, tried once.
 *
 * @param handle - Handles an event. @defaultValue does nothing
 * @param otherwise - What else should be otherwise.
 */
export function simpleWork(
  handle: InboxWork['handle'] = async () => {},
  otherwise: Partial<InboxWork> = {},
): InboxWork {
  return {
    split: ({ id, hookId, receivedAtMs }) => [
      { deliveryId: id, hookId, receivedAtMs, key: id, lane: id, name: 'task.changed', json: '{}' },
    ],
    handle,
    duplicate() {},
    describe: () => 'failed',
    gaveUp() {},
    troubled() {},
    attempts: 1,
    backoffMs: 1,
    timeoutMs: 1_000,
    concurrency: 10,
    ...otherwise,
  };
}
