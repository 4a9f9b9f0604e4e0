import type { InboxEvent, InboxWork, RawDelivery } from '@hookshake/core';

/** A delivery to be split by {@link simpleWork}. */
export function simpleDelivery(id: string): RawDelivery {
  return { id, hookId: 'bugs', receivedAtMs: 0, body: Buffer.from(id) };
}

/** Work on deliveries of one event each, which the delivery's id is the key of. */
export function simpleWork(handle: InboxWork['handle'], otherwise: Partial<InboxWork> = {}): InboxWork {
  const eventOf = ({ id, hookId, receivedAtMs }: RawDelivery): InboxEvent => {
    return { deliveryId: id, hookId, receivedAtMs, key: id, lane: id, name: 'task.changed', json: '{}' };
  };
  return {
    split: (delivery) => [eventOf(delivery)],
    handle,
    duplicate() {},
    describe: () => 'failed',
    gaveUp() {},
    troubled() {},
    attempts: 5,
    backoffMs: 1,
    timeoutMs: 1_000,
    concurrency: 10,
    ...otherwise,
  };
}
