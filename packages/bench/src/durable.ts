import { nameOfOurs, oneTransaction } from './cases.js';
import type { Measured } from './results.js';
import { type Limits, measureInTurns } from './rounds.js';

/** What it costs to have a delivery on the disk before its answer, over more and more connections. */
export async function measureDurable(limits: Limits): Promise<readonly Measured[]> {
  const names = ['floor', nameOfOurs('node', 'SQLite inbox'), oneTransaction.name];
  const measured: Measured[] = [];
  for (const connections of [1, 8, 64]) {
    const subjects = names.map((name) => ({ name, events: 10, connections }));
    measured.push(...(await measureInTurns(subjects, limits)));
  }
  return measured;
}
