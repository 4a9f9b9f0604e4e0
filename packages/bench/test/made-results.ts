import type { Measured, Results, Turn } from '../src/results.js';

/** Results made by hand, of three rounds that are all alike. */
export function madeResults(receivers: readonly Turn[]): Results {
  return {
    conditions: {
      date: '2026-11-24',
      machine: 'a machine',
      generator: 'wrk',
      isPinned: true,
      isQuick: false,
      starts: 3,
      warmUpMs: 1_500,
      roundMs: 600,
      versions: { express: '5.3.0' },
    },
    receivers,
    durable: [],
    scales: [{ of: 'hooks', how: 'in memory', points: [{ at: 10, measured: madeMeasured('floor', 100) }] }],
    largeBodies: { bytes: 10, sent: 100, refusals: 100, cpuMsEach: 0.3, cpuMsByHand: 0.2 },
    stalled: {
      connections: 1_000,
      goneAfterSeconds: 9,
      honest: { beforeMs: [10], meanwhileMs: [11] },
      atFloor: { beforeMs: [10], meanwhileMs: [12] },
    },
    hooksInMemory: { hooks: 1_000_000, bytesEach: 262, lookUpMicros: 0.5, mapMicros: 0.4 },
    footprints: [],
  };
}

export function madeMeasured(name: string, cpuMicros: number, given: Partial<Measured> = {}): Measured {
  const figures = { cpuMicros, perSecond: 1_000, p50Ms: 1, p99Ms: 2, rssMb: 80 };
  const rounds = [figures, figures, figures];
  return { name, events: 0, traffic: 'genuine', connections: 64, rounds, ...given };
}
