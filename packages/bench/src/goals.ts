import { FLOOR, nameOfOurs, oneTransaction } from './cases.js';
import { connectionsName, ratiosOf, roundsOf, sizeName } from './measured.js';
import type { Traffic } from './requests.js';
import type { HonestP99, Results, Turn } from './results.js';
import { median } from './statistics.js';

/** What was asked, and what came of it. */
export interface Verdict {
  readonly goal: string;
  readonly what: string;
  readonly where: string;
  /** What was measured in each round. */
  readonly rounds: readonly number[];
  /** The median of them. */
  readonly measured: number;
  readonly bound: number;
  readonly isUpper: boolean;
  readonly unit: string;
  /** `undefined` where nothing was measured. */
  readonly met: boolean | undefined;
}

const atMost = judgeBy(true);
const atLeast = judgeBy(false);

const inline = nameOfOurs('node');
const accepting = nameOfOurs('node', 'memory inbox');
const sqlite = nameOfOurs('node', 'SQLite inbox');

/** Every goal with its measured value, in order. */
export function judgeGoals(results: Results): readonly Verdict[] {
  const { receivers, durable, largeBodies, stalled, hooksInMemory } = results;

  function cpu(
    judge: typeof atMost,
    goal: string,
    name: string,
    reference: string,
    bounds: Readonly<Record<number, number>>,
    traffic?: Traffic,
  ): readonly Verdict[] {
    const what = `CPU of ${name}${traffic === undefined ? '' : `, ${traffic}`} ÷ ${reference}`;
    return Object.entries(bounds).map(([size, bound]) => {
      const events = Number(size);
      const [subject, other] = [
        { name, events, traffic },
        { name: reference, events },
      ];
      return judge(goal, what, sizeName(events), ratiosOf(receivers, 'cpuMicros', subject, other), bound);
    });
  }

  function throughput(
    goal: string,
    turns: readonly Turn[],
    name: string,
    reference: string,
    connections: number,
    bound: number,
  ): Verdict {
    const where = { events: 10, connections };
    const found = ratiosOf(turns, 'perSecond', { name, ...where }, { name: reference, ...where });
    return atLeast(goal, `throughput of ${name} ÷ ${reference}`, connectionsName(connections), found, bound);
  }

  const sqliteAt64 = { name: sqlite, events: 10, connections: 64 };
  return [
    ...cpu(atMost, 'P1', accepting, FLOOR, { 0: 0.95, 10: 0.6, 100: 0.4 }),
    ...cpu(atMost, 'P2', inline, FLOOR, { 0: 1.1, 10: 1.05, 100: 1.03 }),
    ...cpu(atMost, 'P3', nameOfOurs('fastify'), 'fastify by hand', { 0: 1.05, 10: 1.05, 100: 1.05 }),
    ...cpu(atMost, 'P3', nameOfOurs('express'), 'express by hand', { 0: 0.85, 10: 0.85, 100: 0.85 }),
    throughput('P4', durable, sqlite, FLOOR, 64, 0.95),
    throughput('P4', durable, sqlite, oneTransaction.name, 64, 4),
    throughput('P4', durable, sqlite, oneTransaction.name, 8, 2),
    throughput('P4', durable, sqlite, oneTransaction.name, 1, 0.95),
    atMost('P4', `p99 of ${sqlite}`, connectionsName(64), roundsOf(durable, 'p99Ms', sqliteAt64), 25, 'ms'),
    throughput('P5', durable, nameOfOurs('node', 'PostgreSQL inbox'), FLOOR, 64, 0.25),
    throughput('P5', durable, nameOfOurs('node', 'Redis inbox'), FLOOR, 64, 0.45),
    ...cpu(atLeast, 'P6', 'Asana sample logic', accepting, { 0: 10, 10: 10, 100: 10 }),
    ...cpu(atLeast, 'P6', 'Octokit webhooks', accepting, { 10: 2 }),
    ...cpu(atLeast, 'P6', 'Bolt HTTP', accepting, { 10: 2 }),
    ...cpu(atMost, 'P7', inline, FLOOR, { 0: 0.8, 10: 0.45, 100: 0.2 }, 'malformed'),
    ...cpu(atMost, 'P7', inline, FLOOR, { 0: 1.05, 10: 0.65, 100: 0.45 }, 'forged'),
    atMost('P7', 'CPU to refuse a body of 10 MB', 'each', [largeBodies.cpuMsEach], 0.5, 'ms'),
    atLeast(
      'P7',
      'refusals of 10 MB that arrived',
      `of ${largeBodies.sent}`,
      [(100 * largeBodies.refusals) / largeBodies.sent],
      95,
      '%',
    ),
    atMost('P8', 'memory of a hook', `${hooksInMemory.hooks} hooks`, [hooksInMemory.bytesEach], 300, 'B'),
    atMost('P8', 'one look-up', `${hooksInMemory.hooks} hooks`, [hooksInMemory.lookUpMicros], 1, 'µs'),
    atMost(
      'P8',
      'stalled connections gone after',
      `${stalled.connections} of them`,
      [stalled.goneAfterSeconds],
      15,
      's',
    ),
    atMost(
      'P8',
      'honest p99 meanwhile ÷ before',
      `${stalled.connections} stalled`,
      meanwhileToBefore(stalled.honest),
      1.2,
    ),
  ];
}

/** How much slower the honest were in each round while uploads were silent. */
export function meanwhileToBefore({ beforeMs, meanwhileMs }: HonestP99): readonly number[] {
  const before = median(beforeMs);
  return meanwhileMs.map((p99Ms) => p99Ms / before);
}

function judgeBy(isUpper: boolean) {
  return (
    goal: string,
    what: string,
    where: string,
    rounds: readonly number[],
    bound: number,
    unit = '',
  ): Verdict => {
    const measured = median(rounds);
    const isKept = isUpper ? measured <= bound : measured >= bound;
    const met = Number.isFinite(measured) ? isKept : undefined;
    return { goal, what, where, rounds, measured, bound, isUpper, unit, met };
  };
}
