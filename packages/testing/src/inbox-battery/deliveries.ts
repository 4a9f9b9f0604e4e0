import { randomUUID } from 'node:crypto';
import type { Inbox, RawDelivery } from '@hookshake/core';

/** A delivery with these bytes. */
export function rawDelivery(hookId: string, body: Uint8Array, traceparent?: string): RawDelivery {
  return { id: randomUUID(), hookId, receivedAtMs: Date.UTC(2026, 10, 2, 9), body, traceparent };
}

/**
 * A delivery of events, each written as its key, or as `key@lane`. Without a lane, an event has its key for one, so that
 * it waits for no other.
 */
export function deliveryOf(hookId: string, events: readonly string[], traceparent?: string): RawDelivery {
  const lines = events.map((event) => {
    const [key = '', lane = key] = event.split('@');
    return `${key} ${lane}`;
  });
  return rawDelivery(hookId, Buffer.from(['events', ...lines].join('\n')), traceparent);
}

/** Appends one delivery of events. */
export async function append(
  inbox: Inbox,
  hookId: string,
  ...events: readonly string[]
): Promise<RawDelivery> {
  const delivery = deliveryOf(hookId, events);
  await inbox.append(delivery);
  return delivery;
}

/** Names for many events: `a-0`, `a-1`, … */
export function many(count: number, prefix = 'a'): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}
