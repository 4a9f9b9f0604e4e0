import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSeenTimes, timeSpanOf } from '../src/seen-times.js';

const time = (second: number): string => new Date(second * 1_000).toISOString();
const spanFrom = ([a, b]: readonly [number, number]) => ({
  first: time(Math.min(a, b)),
  last: time(Math.max(a, b)),
});

describe('the times that a hook has seen', () => {
  it('are exactly those that were added, as long as these are few', () => {
    const second = fc.integer({ min: 0, max: 300 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(second, second), { maxLength: 100 }),
        fc.tuple(second, second),
        (added, asked) => {
          const seen = createSeenTimes();
          for (const span of added.map(spanFrom)) seen.add(span);
          const { first, last } = spanFrom(asked);
          const meets = added.map(spanFrom).some((span) => span.first <= last && span.last >= first);
          expect(seen.mayHold({ first, last })).toBe(meets);
        },
      ),
    );
  });

  it('never leave out one that was added, however many are', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100_000), { minLength: 200, maxLength: 400 }), (seconds) => {
        const seen = createSeenTimes();
        for (const second of seconds) seen.add(spanFrom([second, second]));
        for (const second of seconds) expect(seen.mayHold(spanFrom([second, second]))).toBe(true);
      }),
      { endOnFailure: true },
    );
  });

  it('do not hold a newer one, nor one between two of the latest', () => {
    const seen = createSeenTimes();
    for (let second = 0; second < 1_000; second++) seen.add(spanFrom([second * 2, second * 2]));
    expect(seen.mayHold(spanFrom([1_999, 1_999]))).toBe(false);
    expect(seen.mayHold(spanFrom([1_901, 1_901]))).toBe(false);
    // Older gaps are closed, so that the memory stays small: those times may have been seen.
    expect(seen.mayHold(spanFrom([101, 101]))).toBe(true);
  });
});

describe('the time span of a delivery', () => {
  it('reaches from its earliest to its latest event, in whatever order', () => {
    const entries = [2, 3, 1].map((second) => ({ created_at: time(second) }));
    expect(timeSpanOf(entries)).toEqual({ span: { first: time(1), last: time(3) }, ofAll: true });
  });

  it('leaves out entries without a time, and says so', () => {
    for (const odd of [null, 'text', {}, { created_at: 1 }, { created_at: '' }]) {
      expect(timeSpanOf([{ created_at: time(1) }, odd])).toEqual({
        span: { first: time(1), last: time(1) },
        ofAll: false,
      });
    }
  });
});
