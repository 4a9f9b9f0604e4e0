import { setImmediate } from 'node:timers';

let turn: Promise<void> | undefined;

/**
 * Resolves when all that this turn of the event loop has read from the network was looked at.
 *
 * Answers that wait for the end of the turn in which their requests came are written together. Under load that takes half
 * of the time that it takes to write each between two requests, since every write of its own wakes up whoever reads it.
 */
export function endOfTurn(): Promise<void> {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      resolve();
    });
  });
  return turn;
}
