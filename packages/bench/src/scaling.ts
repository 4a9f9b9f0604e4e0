import { FLOOR, nameOfOurs } from './cases.js';
import type { Scale } from './results.js';
import { type Extent, measureInTurns, type Subject } from './rounds.js';

/** One thing that grows. */
interface Growth {
  readonly of: string;
  readonly how: string;
  readonly values: readonly number[];
  readonly subject: (value: number) => Subject;
}

const inline = nameOfOurs('node');
const sqlite = nameOfOurs('node', 'SQLite inbox');

const growths: readonly Growth[] = [
  {
    of: 'hooks',
    how: 'heartbeats to one hook after the other, in memorySecrets(); of the most hooks, those that a round gets to',
    values: [10, 1_000, 100_000, 1_000_000],
    subject: (hooks) => ({ name: inline, events: 0, hooks }),
  },
  {
    of: 'secrets of a hook',
    how: 'deliveries of 10 events, signed with the oldest',
    values: [1, 4, 16],
    subject: (secretsPerHook) => ({ name: inline, events: 10, secretsPerHook }),
  },
  {
    of: 'secrets of an attacked hook',
    how: 'forged deliveries of 10 events, which every secret is tried for; a 17th secret is refused',
    values: [1, 4, 16],
    subject: (secretsPerHook) => ({ name: inline, events: 10, secretsPerHook, traffic: 'forged' }),
  },
  ...[FLOOR, inline, nameOfOurs('node', 'memory inbox')].map((name) => ({
    of: 'events of a delivery',
    how: name,
    values: [0, 10, 100, 1_000],
    subject: (events: number) => ({ name, events }),
  })),
  {
    of: 'handlers',
    how: 'deliveries of 10 events; one handler gets them all, the others wait for other fields',
    values: [1, 10, 100, 1_000],
    subject: (handlers) => ({ name: inline, events: 10, handlers }),
  },
  ...[FLOOR, inline].map((name) => ({
    of: 'connections',
    how: `deliveries of 10 events, ${name}`,
    values: [1, 8, 64, 1_000],
    subject: (connections: number) => ({ name, events: 10, connections }),
  })),
  {
    of: 'processes',
    how: 'deliveries of 10 events into one SQLite file, all processes on the same CPU',
    values: [1, 2],
    subject: (processes) => ({ name: sqlite, events: 10, processes }),
  },
];

/** How cost grows. A quick run looks at the ends only. */
export async function measureScaling(extent: Extent, isQuick: boolean): Promise<readonly Scale[]> {
  const scales: Scale[] = [];
  for (const { of, how, values, subject } of growths) {
    const chosen = isQuick ? values.filter((_, at) => at === 0 || at === values.length - 1) : values;
    const measured = await measureInTurns(chosen.map(subject), extent);
    const points = chosen.flatMap((at, index) => {
      const one = measured[index];
      return one === undefined ? [] : [{ at, measured: one }];
    });
    scales.push({ of, how, points });
  }
  return scales;
}
