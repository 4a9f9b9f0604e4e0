import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventKeys } from '../src/event-key.js';
import { type AsanaEvent, eventKey } from '../src/index.js';
import { capturedDeliveries } from './captured-deliveries.js';
import { taskChanged } from './hook-request.js';

const EVENT = taskChanged('42');

/** The same value with the keys of every object in another order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, part]) => [key, reversed(part)]),
  );
}

const asEvent = (value: unknown): AsanaEvent => value as AsanaEvent;

describe('eventKey', () => {
  it('is fixed for all time, since an inbox keeps it', () => {
    expect(eventKey(EVENT)).toBe('a37f29166f55ada6e17fd790fb94be2ca946cc44ee5d09b16b4c557d33c4aa8e');
    expect(eventKey(EVENT, 1)).toBe('e40adfb3a14ee8948f5bbf5856fb24e47768d8087bcc4ebd5b537a9b8c33dbac');
  });

  it('is 64 lower-case hex digits', () => {
    expect(eventKey(EVENT)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('does not depend on the order of the properties', () => {
    fc.assert(
      fc.property(fc.object({ maxDepth: 3 }), (object) => {
        const plain: unknown = JSON.parse(JSON.stringify(object));
        expect(eventKey(asEvent(reversed(plain)))).toBe(eventKey(asEvent(plain)));
      }),
    );
  });

  it('is made of an event of any depth, and the same each time', () => {
    const nested = (depth: number, end: string) =>
      JSON.parse(`{"action":"changed","x":${'['.repeat(depth)}${end}${']'.repeat(depth)}}`) as AsanaEvent;
    expect(eventKey(nested(50_000, '1'))).toBe(eventKey(nested(50_000, '1')));
    expect(eventKey(nested(90, '1'))).not.toBe(eventKey(nested(90, '2')));
    expect(eventKeys([nested(50_000, '1'), nested(50_000, '1')])[0]).not.toBe(
      eventKeys([nested(50_000, '1'), nested(50_000, '1')])[1],
    );
  });

  it('depends on everything else', () => {
    const values = fc.json({ maxDepth: 3 }).map((text): unknown => JSON.parse(text));
    fc.assert(
      fc.property(values, values, (a, b) => {
        // -0 is written as 0 in JSON, so the two are one value here.
        const same = JSON.stringify(sortKeys(a)) === JSON.stringify(sortKeys(b));
        expect(eventKey(asEvent(a)) === eventKey(asEvent(b))).toBe(same);
      }),
    );
  });

  it.each<[string, unknown]>([
    ['another gid', { ...EVENT, resource: { ...EVENT.resource, gid: '43' } }],
    ['a gid that is a number', { ...EVENT, resource: { ...EVENT.resource, gid: 42 } }],
    ['another millisecond', { ...EVENT, created_at: '2026-11-02T08:00:00.001Z' }],
    ['another user', { ...EVENT, user: { gid: '8', resource_type: 'user' } }],
    ['no user', { ...EVENT, user: null }],
    ['another field', { ...EVENT, change: { field: 'notes', action: 'changed' } }],
    ['a field nobody knows', { ...EVENT, novelty: 1 }],
    ['a null nobody knows', { ...EVENT, novelty: null }],
    ['a missing parent', { ...EVENT, parent: undefined }],
    ['an empty parent', { ...EVENT, parent: {} }],
    ['an empty list for a parent', { ...EVENT, parent: [] }],
  ])('is another one for %s', (_name, other) => {
    expect(eventKey(asEvent(other))).not.toBe(eventKey(EVENT));
  });

  it('depends on the order of a list', () => {
    expect(eventKey(asEvent({ action: 'x', list: [1, 2] }))).not.toBe(
      eventKey(asEvent({ action: 'x', list: [2, 1] })),
    );
  });

  it('tells equal events of one delivery apart by their ordinal', () => {
    const keys = new Set([0, 1, 2, 10, 11].map((ordinal) => eventKey(EVENT, ordinal)));
    expect(keys.size).toBe(5);
    expect(eventKey(EVENT, 0)).toBe(eventKey(EVENT));
  });

  it('tells keys apart that only differ in where their text is split', () => {
    expect(eventKey(asEvent({ a: 'b","c":"d' }))).not.toBe(eventKey(asEvent({ a: 'b', c: 'd' })));
    expect(eventKey(asEvent({ a: { b: 1 }, c: 2 }))).not.toBe(eventKey(asEvent({ a: { b: 1, c: 2 } })));
  });

  it('does not change the event', () => {
    const event = structuredClone(EVENT);
    eventKey(event);
    expect(JSON.stringify(event)).toBe(JSON.stringify(EVENT));
  });
});

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .map(([key, part]) => [key, sortKeys(part)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .reduce<unknown[]>((all, pair) => all.concat([['property', pair]]), ['object']);
}

describe('eventKeys', () => {
  it('counts equal entries, and only those', () => {
    const other = taskChanged('43');
    expect(eventKeys([EVENT, other, reversed(EVENT), other])).toEqual([
      eventKey(EVENT, 0),
      eventKey(other, 0),
      eventKey(EVENT, 1),
      eventKey(other, 1),
    ]);
  });

  it('gives an entry that is no event a key as well', () => {
    const keys = eventKeys([null, 'text', 1, [], {}, null]);
    expect(new Set(keys).size).toBe(6);
  });

  it('gives the two captured events of one click two keys', () => {
    const { events }: { events: AsanaEvent[] } = JSON.parse(capturedDeliveries[0].body);
    expect(new Set(eventKeys(events)).size).toBe(2);
  });
});
