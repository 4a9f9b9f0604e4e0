import type { Contender } from './contenders.js';
import { sizes } from './deliveries.js';
import type { Figures } from './measure.js';

/** One contender at one size in one round. */
export interface Round {
  readonly contender: Contender;
  readonly size: string;
  readonly figures: Figures;
}

/** CPU time per request that a contender may take at most, as a ratio to its reference in the same run. */
interface Goal {
  readonly name: string;
  readonly contender: Contender;
  readonly reference: Contender;
  readonly atMost: Readonly<Record<string, number>>;
}

const goals: readonly Goal[] = [
  {
    name: 'P2',
    contender: 'hookshake node',
    reference: 'floor',
    atMost: { heartbeat: 1.1, '10 events': 1.05, '100 events': 1.03 },
  },
  {
    name: 'P3',
    contender: 'hookshake fastify',
    reference: 'fastify by hand',
    atMost: { heartbeat: 1.05, '10 events': 1.05, '100 events': 1.05 },
  },
  {
    name: 'P3',
    contender: 'hookshake express',
    reference: 'express by hand',
    atMost: { heartbeat: 0.85, '10 events': 0.85, '100 events': 0.85 },
  },
];

/** How a goal was met at one size. */
export interface Verdict {
  readonly goal: Goal;
  readonly size: string;
  /** The median of the rounds' ratios: each compares two measurements that were made within seconds of each other. */
  readonly ratio: number;
  readonly atMost: number;
  readonly met: boolean;
}

export function judgeGoals(rounds: readonly Round[]): readonly Verdict[] {
  return goals.flatMap((goal) =>
    sizes.flatMap(({ name: size }) => {
      const atMost = goal.atMost[size];
      const ratio = medianRatio(rounds, size, goal.contender, goal.reference);
      return atMost === undefined || Number.isNaN(ratio)
        ? []
        : [{ goal, size, ratio, atMost, met: ratio <= atMost }];
    }),
  );
}

/** The median over all rounds of one figure; `NaN` if there are none. */
export function medianOf(
  rounds: readonly Round[],
  size: string,
  contender: Contender,
  figure: keyof Figures,
): number {
  return median(figuresOf(rounds, size, contender).map((figures) => figures[figure]));
}

function medianRatio(
  rounds: readonly Round[],
  size: string,
  contender: Contender,
  reference: Contender,
): number {
  const references = figuresOf(rounds, size, reference);
  return median(
    figuresOf(rounds, size, contender).map(
      ({ cpuMicros }, round) => cpuMicros / (references[round]?.cpuMicros ?? Number.NaN),
    ),
  );
}

function figuresOf(rounds: readonly Round[], size: string, contender: Contender): readonly Figures[] {
  return rounds
    .filter((one) => one.size === size && one.contender === contender)
    .map(({ figures }) => figures);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}
