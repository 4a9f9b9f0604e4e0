import { nameOfOurs, oneTransaction } from './cases.js';
import { cpuRatio, roundsOf, sizeName, throughputRatio } from './measured.js';
import type { Traffic } from './requests.js';
import type { Results } from './results.js';
import { median } from './statistics.js';

/** What was asked, and what came of it. */
export interface Verdict {
  readonly goal: string;
  readonly what: string;
  readonly where: string;
  readonly measured: number;
  readonly bound: number;
  readonly isUpper: boolean;
  readonly unit: string;
  /** `undefined` where nothing was measured. */
  readonly met: boolean | undefined;
}

const FLOOR = 'floor';
const inline = nameOfOurs('node');
const accepting = nameOfOurs('node', 'memory inbox');
const sqlite = nameOfOurs('node', 'SQLite inbox');

/** Every goal with its measured value, in order. */
export function judgeGoals(results: Results): readonly Verdict[] {
  const { receivers, durable, largeBodies, stalled, hooksInMemory, scales } = results;

  function cpu(
    goal: string,
    name: string,
    reference: string,
    bounds: Readonly<Record<number, number>>,
    traffic?: Traffic,
  ): readonly Verdict[] {
    return Object.entries(bounds).map(([size, bound]) => {
      const events = Number(size);
      const ratio = cpuRatio(receivers, name, reference, { events, traffic });
      const what = `CPU of ${name}${traffic === undefined ? '' : `, ${traffic}`} ÷ ${reference}`;
      return atMost(goal, what, sizeName(events), ratio, bound);
    });
  }

  function cheaper(reference: string, times: number, sizes: readonly number[]): readonly Verdict[] {
    return sizes.map((events) => {
      const ratio = cpuRatio(receivers, reference, accepting, { events });
      return atLeast('P6', `CPU of ${reference} ÷ ${accepting}`, sizeName(events), ratio, times);
    });
  }

  function throughput(goal: string, name: string, bound: number): Verdict {
    const ratio = throughputRatio(receivers, name, FLOOR, { events: 10 });
    return atLeast(goal, `throughput of ${name} ÷ ${FLOOR}`, sizeName(10), ratio, bound);
  }

  function againstOneTransaction(connections: number, bound: number): Verdict {
    const ratio = throughputRatio(durable, sqlite, oneTransaction.name, { events: 10, connections });
    const what = `throughput of ${sqlite} ÷ ${oneTransaction.name}`;
    return atLeast('P4', what, at(connections), ratio, bound);
  }

  const at64 = { events: 10, connections: 64 };
  const hookCosts = scales.find(({ of }) => of === 'hooks')?.points ?? [];
  const [few, many] = [hookCosts[0]?.measured.rounds ?? [], hookCosts.at(-1)?.measured.rounds ?? []];
  const hookRatio =
    median(many.map(({ cpuMicros }) => cpuMicros)) / median(few.map(({ cpuMicros }) => cpuMicros));

  return [
    ...cpu('P1', accepting, FLOOR, { 0: 0.95, 10: 0.6, 100: 0.4 }),
    ...cpu('P2', inline, FLOOR, { 0: 1.1, 10: 1.05, 100: 1.03 }),
    ...cpu('P3', nameOfOurs('fastify'), 'fastify by hand', { 0: 1.05, 10: 1.05, 100: 1.05 }),
    ...cpu('P3', nameOfOurs('express'), 'express by hand', { 0: 0.85, 10: 0.85, 100: 0.85 }),
    atLeast(
      'P4',
      `throughput of ${sqlite} ÷ ${FLOOR}`,
      at(64),
      throughputRatio(durable, sqlite, FLOOR, at64),
      0.95,
    ),
    againstOneTransaction(64, 4),
    againstOneTransaction(8, 2),
    againstOneTransaction(1, 0.95),
    atMost('P4', `p99 of ${sqlite}`, at(64), median(roundsOf(durable, 'p99Ms', sqlite, at64)), 25, 'ms'),
    throughput('P5', nameOfOurs('node', 'PostgreSQL inbox'), 0.25),
    throughput('P5', nameOfOurs('node', 'Redis inbox'), 0.45),
    ...cheaper('Asana sample logic', 10, [0, 10, 100]),
    ...cheaper('Octokit webhooks', 2, [10]),
    ...cheaper('Bolt HTTP', 2, [10]),
    ...cpu('P7', inline, FLOOR, { 0: 0.8, 10: 0.45, 100: 0.2 }, 'malformed'),
    ...cpu('P7', inline, FLOOR, { 0: 1.05, 10: 0.65, 100: 0.45 }, 'forged'),
    atMost('P7', 'CPU to refuse a body of 10 MB', 'each', largeBodies.cpuMsEach, 0.5, 'ms'),
    atLeast(
      'P7',
      'refusals of 10 MB that arrived',
      `of ${largeBodies.sent}`,
      (100 * largeBodies.refusals) / largeBodies.sent,
      95,
      '%',
    ),
    atMost('P8', 'memory of a hook', `${hooksInMemory.hooks} hooks`, hooksInMemory.bytesEach, 300, 'B'),
    atMost('P8', 'one look-up', `${hooksInMemory.hooks} hooks`, hooksInMemory.lookUpMicros, 1, 'µs'),
    // One HMAC whatever the number of hooks: a second one would be half as much again.
    atMost('P8', 'CPU with the most hooks ÷ the fewest', sizeName(0), hookRatio, 1.2),
    atMost(
      'P8',
      'stalled connections gone after',
      `${stalled.connections} of them`,
      stalled.goneAfterSeconds,
      15,
      's',
    ),
    atMost(
      'P8',
      'honest p99 meanwhile ÷ before',
      `${stalled.connections} stalled`,
      median(stalled.p99MsMeanwhile) / median(stalled.p99MsBefore),
      1.2,
    ),
  ];
}

function atMost(
  goal: string,
  what: string,
  where: string,
  measured: number,
  bound: number,
  unit = '',
): Verdict {
  const met = Number.isFinite(measured) ? measured <= bound : undefined;
  return { goal, what, where, measured, bound, isUpper: true, unit, met };
}

function atLeast(
  goal: string,
  what: string,
  where: string,
  measured: number,
  bound: number,
  unit = '',
): Verdict {
  const met = Number.isFinite(measured) ? measured >= bound : undefined;
  return { goal, what, where, measured, bound, isUpper: false, unit, met };
}

function at(connections: number): string {
  return connections === 1 ? '1 connection' : `${connections} connections`;
}
