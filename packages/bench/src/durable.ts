import { casesHere, FLOOR, nameOfOurs, oneTransaction, sqliteByHand } from './cases.js';
import type { Turn } from './results.js';
import { type Extent, measureInTurns } from './rounds.js';

interface Comparison {
  readonly connections: number;
  readonly of: readonly string[];
}

const besideSqlite = [FLOOR, nameOfOurs('node', 'SQLite inbox'), oneTransaction.name];
const atServers = [nameOfOurs('node', 'PostgreSQL inbox'), nameOfOurs('node', 'Redis inbox')];

/** What it costs to have a delivery on the disk, or at a server, before its answer. */
export async function measureDurable(extent: Extent): Promise<readonly Turn[]> {
  const turns: Turn[] = [];
  for (const { connections, of } of await comparisonsHere()) {
    const subjects = of.map((name) => ({ name, events: 10, connections }));
    turns.push(await measureInTurns(subjects, extent));
  }
  return turns;
}

async function comparisonsHere(): Promise<readonly Comparison[]> {
  const here = await casesHere();
  return [
    // Where nothing shares a commit, what is beside the disk counts most.
    { connections: 1, of: [...besideSqlite, sqliteByHand.name] },
    { connections: 8, of: besideSqlite },
    { connections: 64, of: besideSqlite },
    // Each by itself, so that nothing which one server does after its turn counts for the other.
    ...atServers
      .filter((name) => here.some((one) => one.name === name))
      .map((name) => ({ connections: 64, of: [FLOOR, name] })),
  ];
}
