import { isUtf8 } from 'node:buffer';
import type { AsanaEvent } from './event.js';

/**
 * The entries of a verified body, or `undefined` when it is unreadable: not UTF-8, not JSON, or without an `events`
 * array. An entry may be anything; see {@link isEvent}.
 */
export function readEntries(body: Uint8Array): readonly unknown[] | undefined {
  if (!isUtf8(body)) return undefined;
  let payload: unknown;
  try {
    payload = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
  } catch {
    // Its sender signed what no parser reads. Trying again cannot help, so it is no error but an outcome.
    return undefined;
  }
  if (typeof payload !== 'object' || payload === null) return undefined;
  const { events } = payload as { events?: unknown };
  return Array.isArray(events) ? events : undefined;
}

/** Whether an entry of `events` is an event at all. */
export function isEvent(entry: unknown): entry is AsanaEvent {
  return typeof entry === 'object' && entry !== null && typeof (entry as AsanaEvent).action === 'string';
}
