import { describe, expect, it } from 'vitest';
import { assertAnswered, assertWorked } from '../src/rounds.js';

const genuine = { name: 'one', traffic: 'genuine', events: 10 } as const;
const forged = { ...genuine, traffic: 'forged' } as const;

describe('assertAnswered', () => {
  it('takes genuine deliveries that were all taken, and forged ones that were all refused', () => {
    assertAnswered(genuine, 100, 0);
    assertAnswered(forged, 100, 100);
  });

  it.each([
    ['a genuine delivery was refused', genuine, 100, 1],
    ['a forged delivery was taken', forged, 100, 99],
    ['nothing was answered', genuine, 0, 0],
    ['nothing forged was answered', forged, 0, 0],
  ])('throws where %s', (_, sent, requests, refused) => {
    expect(() => assertAnswered(sent, requests, refused)).toThrow(/^one: of \d+ \w+ deliveries/);
  });
});

describe('assertWorked', () => {
  it('takes as many events as were sent, or as many deliveries where they are kept', () => {
    assertWorked(genuine, false, 100, 1_000);
    assertWorked(genuine, true, 100, 100);
    assertWorked({ ...genuine, events: 0 }, false, 100, 0);
    assertWorked({ ...genuine, events: 0 }, true, 100, 100);
    assertWorked(forged, false, 100, 0);
    assertWorked(forged, true, 100, 0);
  });

  it.each([
    ['an event was lost', genuine, false, 999],
    ['an event was handled twice', genuine, false, 1_001],
    ['a delivery was not kept', genuine, true, 99],
    ['a delivery was kept twice', genuine, true, 101],
    ['a forged event was handled', forged, false, 1],
    ['a forged delivery was kept', forged, true, 1],
  ])('throws where %s', (_, sent, keeps, work) => {
    expect(() => assertWorked(sent, keeps, 100, work)).toThrow(/^one: 100 \w+ deliveries of 10 events/);
  });
});
