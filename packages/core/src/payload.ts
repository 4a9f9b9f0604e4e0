import { isUtf8 } from 'node:buffer';
import type { AsanaEvent } from './event.js';

/**
 * The entries of a verified body, or `undefined` when it is unreadable: not UTF-8, not JSON, or without an `events`
 * array. An entry may be anything; see {@link isEvent}.
 */
export function readEntries(body: Uint8Array): readonly unknown[] | undefined {
  let payload: unknown;
  try {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
    // What is no UTF-8 is decoded to replacement characters, which a genuine text may hold as well.
    if (text.includes('\uFFFD') && !isUtf8(body)) return undefined;
    payload = JSON.parse(text);
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
