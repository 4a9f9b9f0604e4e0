import type { InboxWork, RawDelivery } from '@hookshake/core';

/** A delivery of one event, the key of which is this name. */
export function deliveryNamed(name: string): RawDelivery {
  return { id: name, hookId: 'bugs', receivedAtMs: 0, body: Buffer.from(name) };
}

/** Work on what {@link deliveryNamed} makes. */
export function createWork(parts: Partial<InboxWork> = {}): InboxWork {
  return {
    split: ({ id, hookId, receivedAtMs }) => [
      { deliveryId: id, hookId, receivedAtMs, key: id, lane: id, name: 'task.changed', json: '{}' },
    ],
    handle: async () => {},
    duplicate() {},
    describe: () => 'failed',
    gaveUp() {},
    troubled() {},
    attempts: 1,
    backoffMs: 1,
    timeoutMs: 1_000,
    concurrency: 10,
    ...parts,
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
