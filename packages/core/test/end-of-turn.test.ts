import { describe, expect, it } from 'vitest';
import { endOfTurn } from '../src/end-of-turn.js';

describe('endOfTurn', () => {
  it('lets all that asked in one turn go on in one go, in order', async () => {
    const order: string[] = [];
    const first = endOfTurn().then(() => order.push('first'));
    const second = Promise.resolve()
      .then(endOfTurn)
      .then(() => order.push('second'));
    setImmediate(() => order.push('next turn'));
    await Promise.all([first, second, new Promise(setImmediate)]);
    expect(order).toEqual(['first', 'second', 'next turn']);
  });

  it('is another one in the next turn', async () => {
    await endOfTurn();
    let over = false;
    const next = endOfTurn().then(() => {
      over = true;
    });
    await Promise.resolve();
    expect(over).toBe(false);
    await next;
  });
});
