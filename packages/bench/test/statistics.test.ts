import { describe, expect, it } from 'vitest';
import { median, medianRatio, percentile } from '../src/statistics.js';

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

describe('medianRatio', () => {
  it('compares each round with the same round, and not one median with the other', () => {
    expect(medianRatio([10, 40, 30], [10, 20, 60])).toBe(1);
    expect(medianRatio([20, 20, 90], [10, 40, 30])).toBe(2);
  });

  it('leaves out rounds that the reference lacks', () => {
    expect(medianRatio([10, 99], [5])).toBe(2);
    expect(medianRatio([10], [])).toBeNaN();
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
