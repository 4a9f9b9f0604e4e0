import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRecentDeliveries } from '../src/recent-deliveries.js';

const MIB = 1024 * 1024;
const always = { first: '0', last: '9' };

/** Bytes that can be told from those of any other number. */
function bodyOf(number: number, length: number): Buffer {
  return Buffer.alloc(length, `${number};`);
}

describe('the recent deliveries', () => {
  it('are given back byte for byte, once', () => {
    const recent = createRecentDeliveries();
    recent.add('bugs', { first: '1', last: '3' }, bodyOf(1, 100));
    expect(recent.take('bugs', { first: '3', last: '4' }).map(String)).toEqual([String(bodyOf(1, 100))]);
    expect(recent.take('bugs', always)).toEqual([]);
  });

  it('are those of one hook whose times meet the span', () => {
    const recent = createRecentDeliveries();
    recent.add('bugs', { first: '1', last: '3' }, Buffer.from('early'));
    recent.add('bugs', { first: '5', last: '6' }, Buffer.from('late'));
    recent.add('ideas', { first: '1', last: '9' }, Buffer.from('of another hook'));
    expect(recent.take('bugs', { first: '4', last: '5' }).map(String)).toEqual(['late']);
    expect(recent.take('bugs', { first: '4', last: '4' })).toEqual([]);
    expect(recent.take('bugs', { first: '0', last: '1' }).map(String)).toEqual(['early']);
  });

  it('are a thousand at most, and the oldest go first', () => {
    const recent = createRecentDeliveries();
    for (let number = 0; number <= 1_000; number++) recent.add('bugs', always, Buffer.from(String(number)));
    const taken = recent.take('bugs', always).map(String);
    expect(taken).toHaveLength(1_000);
    expect([taken.at(0), taken.at(-1)]).toEqual(['1', '1000']);
  });

  it('leave out a body that is larger than all that may be kept', () => {
    const recent = createRecentDeliveries();
    recent.add('bugs', always, Buffer.from('small'));
    recent.add('bugs', always, Buffer.alloc(8 * MIB + 1));
    expect(recent.take('bugs', always).map(String)).toEqual(['small']);
  });

  it('are whole and the latest ones, however long each is and whenever some are taken', () => {
    const step = fc.record({
      hookId: fc.constantFrom('bugs', 'ideas'),
      bytes: fc.integer({ min: 1, max: 3 * MIB }),
      takes: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 24 }), (steps) => {
        const recent = createRecentDeliveries();
        let added: { hookId: string; body: Buffer }[] = [];
        for (const [number, { hookId, bytes, takes }] of steps.entries()) {
          const body = bodyOf(number, bytes);
          recent.add(hookId, always, body);
          added.push({ hookId, body });
          if (!takes) continue;
          const expected = added.filter((one) => one.hookId === hookId).map((one) => one.body);
          const taken = recent.take(hookId, always);
          expect(taken.length).toBeGreaterThan(0);
          for (const [index, kept] of [...taken].reverse().entries()) {
            expect(Buffer.compare(kept, expected.at(-1 - index) ?? Buffer.of())).toBe(0);
          }
          added = added.filter((one) => one.hookId !== hookId);
        }
      }),
      { numRuns: 30 },
    );
  });
});
