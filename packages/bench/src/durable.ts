import { FLOOR, nameOfOurs, oneTransaction, sqliteByHand } from './cases.js';
import type { Turn } from './results.js';
import { type Extent, measureInTurns } from './rounds.js';

/** What it costs to have a delivery on the disk before its answer, over more and more connections. */
export async function measureDurable(extent: Extent): Promise<readonly Turn[]> {
  const names = [FLOOR, nameOfOurs('node', 'SQLite inbox'), oneTransaction.name];
  const turns: Turn[] = [];
  for (const connections of [1, 8, 64]) {
    // Where nothing shares a commit, what is beside the disk counts most.
    const here = connections === 1 ? [...names, sqliteByHand.name] : names;
    const subjects = here.map((name) => ({ name, events: 10, connections }));
    turns.push(await measureInTurns(subjects, extent));
  }
  return turns;
}
