import type { BenchCase } from './case.js';
import { casesHere, nameOfOurs } from './cases.js';
import type { Measured } from './results.js';
import { type Limits, measureInTurns, type Subject } from './rounds.js';

/** The sizes that are measured: a heartbeat of 13 bytes, 3.4 KB and 33 KB. */
export const sizes: readonly number[] = [0, 10, 100];

/** All receivers, and what ours costs an attacker, size by size. */
export async function measureReceivers(
  limits: Limits,
  events: readonly number[],
): Promise<readonly Measured[]> {
  const here = await casesHere();
  const measured: Measured[] = [];
  for (const size of events) measured.push(...(await measureInTurns(subjectsOf(here, size), limits)));
  return measured;
}

function subjectsOf(cases: readonly BenchCase[], events: number): readonly Subject[] {
  const attacked = nameOfOurs('node');
  return [
    ...cases.map(({ name }) => ({ name, events })),
    { name: attacked, events, traffic: 'malformed' },
    { name: attacked, events, traffic: 'forged' },
  ];
}
