import type { Traffic } from './requests.js';
import type { Figures, Measured } from './results.js';
import { median, medianRatio } from './statistics.js';

/** The rounds of one figure of one subject; none if it was not measured. */
export function roundsOf(
  measured: readonly Measured[],
  figure: keyof Figures,
  name: string,
  { events, traffic = 'genuine', connections }: Where,
): readonly number[] {
  const found = measured.find(
    (one) =>
      one.name === name &&
      one.events === events &&
      one.traffic === traffic &&
      (connections === undefined || one.connections === connections),
  );
  return found?.rounds.map((figures) => figures[figure]) ?? [];
}

/** Which of a subject's measurements is meant. */
export interface Where {
  readonly events: number;
  readonly traffic?: Traffic | undefined;
  readonly connections?: number | undefined;
}

export function medianOf({ rounds }: Measured, figure: keyof Figures): number {
  return median(rounds.map((figures) => figures[figure]));
}

/** CPU per genuine delivery, as a ratio to the reference in the same rounds. */
export function cpuRatio(
  measured: readonly Measured[],
  name: string,
  reference: string,
  where: Where,
): number {
  const { events, connections } = where;
  return medianRatio(
    roundsOf(measured, 'cpuMicros', name, where),
    roundsOf(measured, 'cpuMicros', reference, { events, connections }),
  );
}

/** Throughput, as a ratio to the reference in the same rounds. */
export function throughputRatio(
  measured: readonly Measured[],
  name: string,
  reference: string,
  where: Where,
): number {
  return medianRatio(
    roundsOf(measured, 'perSecond', name, where),
    roundsOf(measured, 'perSecond', reference, where),
  );
}

export function sizeName(events: number): string {
  if (events === 0) return 'heartbeat';
  return events === 1 ? '1 event' : `${events} events`;
}
