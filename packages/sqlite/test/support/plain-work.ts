import type { InboxEvent, InboxWork, RawDelivery } from '@hookshake/core';

/** A delivery of one event, which its id is the key of. */
export function delivery(id: string): RawDelivery {
  return { id, hookId: 'bugs', receivedAtMs: 0, body: Buffer.from(id) };
}

function eventOf({ id, hookId, receivedAtMs }: RawDelivery): InboxEvent {
  return { deliveryId: id, hookId, receivedAtMs, key: id, lane: id, name: 'task.changed', json: '{}' };
}

/** Work that makes one event of a delivery, and tries it once. */
export function work(handle: InboxWork['handle'] = async () => {}): InboxWork {
  return {
    split: (raw) => [eventOf(raw)],
    handle,
    duplicate() {},
    describe: () => 'failed',
    gaveUp() {},
    troubled() {},
    attempts: 1,
    backoffMs: 1,
    timeoutMs: 1_000,
    concurrency: 10,
  };
}

/** A promise, and what resolves it. */
export function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
