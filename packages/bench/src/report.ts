import { createRequire } from 'node:module';
import { cpus, type as system } from 'node:os';
import { type Contender, contenders } from './contenders.js';
import { sizes } from './deliveries.js';
import { judgeGoals, medianOf, type Round } from './goals.js';
import { CONNECTIONS } from './load.js';

/** How the figures were made. */
export interface Conditions {
  readonly date: Date;
  readonly generator: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly isPinned: boolean;
}

/** The page `docs/performance/adapters.md`. */
export function describe(rounds: readonly Round[], conditions: Conditions): string {
  return `# What the adapters cost

Written by \`npm run bench\` (packages/bench); do not edit by hand.

${describeConditions(conditions)}

CPU is the processor time of all threads of the server process, garbage collection included, over the requests it
answered: the steady figure. Requests per second and latencies are those of a server that is kept busy, and move with the
machine. Only ratios within one run mean anything. Every delivery is new and signed; every answer was 2xx, and every
event of an answered delivery was handled, or there would be no table. Medians over the rounds.

## Goals

${goalTable(rounds)}

## Figures

${figureTable(rounds)}

"floor" is the least that can be written by hand on \`node:http\`: chunks collected, HMAC with a cached key, compared in
constant time, JSON parsed, 204. "by hand" is the same check in a route of the framework, with the body as a buffer.
None of these keeps a deadline, bounds memory, tells hooks apart, skips repeated events or calls handlers; hookshake does.
`;
}

function describeConditions({ date, generator, rounds, seconds, isPinned }: Conditions): string {
  const processors = cpus();
  const pinned = isPinned ? 'server and load pinned to one CPU each' : 'nothing pinned to a CPU';
  return [
    `- ${date.toISOString().slice(0, 10)}, ${processors.length} × ${processors[0]?.model.trim() ?? 'unknown CPU'}, ` +
      `${system()}, Node ${process.versions.node}`,
    `- fastify ${versionOf('fastify')}, express ${versionOf('express')}, hookshake ${versionOf('@hookshake/core')}`,
    `- load by ${generator}, ${CONNECTIONS} keep-alive connections on one thread; ${pinned}`,
    `- ${rounds} interleaved rounds of ${seconds} s after a warm-up, each in a fresh process`,
  ].join('\n');
}

function goalTable(rounds: readonly Round[]): string {
  const rows = judgeGoals(rounds).map(({ goal, size, ratio, atMost, met }) => [
    goal.name,
    `${goal.contender} ÷ ${goal.reference}`,
    size,
    ratio.toFixed(2),
    `≤ ${atMost.toFixed(2)}`,
    met ? 'pass' : '**fail**',
  ]);
  return table(['goal', 'CPU ratio', 'delivery', 'measured', 'goal', ''], rows);
}

function figureTable(rounds: readonly Round[]): string {
  const names = Object.keys(contenders) as Contender[];
  const rows = sizes.flatMap(({ name: size }) =>
    names
      .filter((name) => rounds.some((round) => round.size === size && round.contender === name))
      .map((name) => {
        const figure = (of: keyof Round['figures'], digits: number) =>
          medianOf(rounds, size, name, of).toFixed(digits);
        return [
          size,
          name,
          figure('cpuMicros', 1),
          figure('perSecond', 0),
          figure('p50Ms', 1),
          figure('p99Ms', 1),
          figure('rssMb', 0),
        ];
      }),
  );
  return table(['delivery', 'receiver', 'CPU µs/request', 'requests/s', 'p50 ms', 'p99 ms', 'RSS MB'], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function versionOf(name: string): string {
  const { version }: { version: string } = createRequire(import.meta.url)(`${name}/package.json`);
  return version;
}
