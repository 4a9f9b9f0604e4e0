import type { Traffic } from './requests.js';
import type { Figures, Measured, Turn } from './results.js';
import { median, ratios } from './statistics.js';

/** Which of the measurements is meant. */
export interface Which {
  readonly name: string;
  readonly events: number;
  /** @defaultValue `'genuine'` */
  readonly traffic?: Traffic | undefined;
  /** @defaultValue whatever it was measured with */
  readonly connections?: number | undefined;
}

/** The rounds of one figure of one subject, in the first turn that holds it; none if it was not measured. */
export function roundsOf(
  turns: readonly Turn[],
  figure: keyof Figures,
  { name, events, traffic = 'genuine', connections }: Which,
): readonly number[] {
  const found = turns
    .flat()
    .find(
      (one) =>
        one.name === name &&
        one.events === events &&
        one.traffic === traffic &&
        (connections === undefined || one.connections === connections),
    );
  return found?.rounds.map((figures) => figures[figure]) ?? [];
}

/** How many times as much a subject's figure is as another's, round by round, in the first turn that holds both. */
export function ratiosOf(
  turns: readonly Turn[],
  figure: keyof Figures,
  subject: Which,
  reference: Which,
): readonly number[] {
  const ofEach = turns.map((turn) =>
    ratios(roundsOf([turn], figure, subject), roundsOf([turn], figure, reference)),
  );
  return ofEach.find(({ length }) => length > 0) ?? [];
}

export function medianOf({ rounds }: Measured, figure: keyof Figures): number {
  return median(rounds.map((figures) => figures[figure]));
}

export function sizeName(events: number): string {
  if (events === 0) return 'heartbeat';
  return events === 1 ? '1 event' : `${events} events`;
}

export function connectionsName(connections: number): string {
  return connections === 1 ? '1 connection' : `${connections} connections`;
}
