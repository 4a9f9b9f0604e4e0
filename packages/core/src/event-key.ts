import { hash } from 'node:crypto';
import type { AsanaEvent } from './event.js';

/**
 * A key for an event, which has no id of its own: equal for the same event delivered again, and different for two equal
 * events in one delivery, if `ordinal` counts them. 64 lower-case hex digits.
 *
 * @param ordinal - How many equal events came before it in its delivery. @defaultValue 0
 */
export function eventKey(event: AsanaEvent, ordinal = 0): string {
  return keyOf(canonicalJson(event), ordinal);
}

/** The keys of all entries of one delivery, in order. */
export function eventKeys(entries: readonly unknown[]): readonly string[] {
  const seen = new Map<string, number>();
  return entries.map((entry) => {
    const canonical = canonicalJson(entry);
    const ordinal = seen.get(canonical) ?? 0;
    seen.set(canonical, ordinal + 1);
    return keyOf(canonical, ordinal);
  });
}

// The version tag is there so that a later form of the key cannot be mistaken for this one in a long-lived inbox.
function keyOf(canonical: string, ordinal: number): string {
  return hash('sha256', `hookshake.event.1\n${ordinal}\n${canonical}`);
}

function canonicalJson(value: unknown): string {
  try {
    return JSON.stringify(value, withSortedKeys);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // Thousands of levels: no event of Asana's has ten, and what lies so deep need not tell two of them apart.
    return JSON.stringify(cutBelow(MAX_DEPTH, value), withSortedKeys);
  }
}

const MAX_DEPTH = 100;

// Asana does not fix the order of an event's properties: two captured events of one delivery differ in it.
function withSortedKeys(_key: string, part: unknown): unknown {
  return typeof part === 'object' && part !== null && !Array.isArray(part)
    ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
    : part;
}

function cutBelow(depth: number, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return null;
  if (Array.isArray(value)) return value.map((part) => cutBelow(depth - 1, part));
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, cutBelow(depth - 1, part)]));
}
