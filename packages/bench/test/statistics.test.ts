import { describe, expect, it } from 'vitest';
import { median, percentile, ratios } from '../src/statistics.js';

describe('median', () => {
  it('is the middle value, whatever the order', () => {
    expect(median([9, 1, 100])).toBe(9);
  });

  it('is halfway between the two middle values of an even number', () => {
    expect(median([4, 1, 2, 100])).toBe(3);
  });

  it('is no number without values', () => {
    expect(median([])).toBeNaN();
  });
});

describe('ratios', () => {
  it('compare each round with the same round', () => {
    expect(ratios([10, 40, 30], [10, 20, 60])).toEqual([1, 2, 0.5]);
  });

  it('leave out rounds that one of the two lacks', () => {
    expect(ratios([10, 99], [5])).toEqual([2]);
    expect(ratios([10], [5, 5])).toEqual([2]);
    expect(ratios([10], [])).toEqual([]);
  });
});

describe('percentile', () => {
  it('is the value that so many are not above', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentile(values, 0.99)).toBe(99);
    expect(percentile(values, 0.5)).toBe(50);
    expect(percentile([7], 0.99)).toBe(7);
  });

  it('is no number without values', () => {
    expect(percentile([], 0.5)).toBeNaN();
  });
});
