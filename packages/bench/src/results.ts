import type { Traffic } from './requests.js';

/** The figures of one subject in one round. */
export interface Figures {
  readonly cpuMicros: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssMb: number;
}

/** One subject with its rounds. */
export interface Measured {
  readonly name: string;
  readonly events: number;
  readonly traffic: Traffic;
  readonly connections: number;
  readonly rounds: readonly Figures[];
}

/** Subjects that took turns: each of their rounds lies beside the same round of the others. */
export type Turn = readonly Measured[];

/** How cost grows with something: its subjects at its values. */
export interface Scale {
  readonly of: string;
  readonly how: string;
  readonly points: readonly { readonly at: number; readonly measured: Measured }[];
}

/** Bodies that are too large, refused while they are sent. */
export interface LargeBodies {
  readonly bytes: number;
  readonly sent: number;
  readonly refusals: number;
  readonly cpuMsEach: number;
  /** What the least costs that refuses one by hand. */
  readonly cpuMsByHand: number;
}

/** What uploads that fall silent do to honest ones. */
export interface Stalled {
  readonly connections: number;
  readonly goneAfterSeconds: number;
  readonly honest: HonestP99;
  /** The same at the floor, which lets them hang. */
  readonly atFloor: HonestP99;
}

/** The slowest of a hundred honest answers, round by round. */
export interface HonestP99 {
  readonly beforeMs: readonly number[];
  readonly meanwhileMs: readonly number[];
}

/** What many hooks take in `memorySecrets()`. */
export interface HooksInMemory {
  readonly hooks: number;
  readonly bytesEach: number;
  readonly lookUpMicros: number;
  /** The same in a bare `Map` of as many. */
  readonly mapMicros: number;
}

/** What it takes to have a case at all. Sizes in bytes; missing where they could not be told. */
export interface Footprint {
  readonly name: string;
  readonly readyMs: number;
  readonly firstAnswerMs: number;
  readonly packedBytes: number;
  readonly bundledBytes: number;
  readonly installedBytes: number;
  readonly installedPackages: number;
}

/** How a run was made. */
export interface Conditions {
  readonly date: string;
  readonly machine: string;
  readonly generator: string;
  readonly isPinned: boolean;
  readonly isQuick: boolean;
  /** Of what a goal reads; the rest gets less of all three. */
  readonly starts: number;
  readonly warmUpMs: number;
  readonly roundMs: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** All that a run has measured. The report is made of this and nothing else. */
export interface Results {
  readonly conditions: Conditions;
  readonly receivers: readonly Turn[];
  readonly durable: readonly Turn[];
  readonly scales: readonly Scale[];
  readonly largeBodies: LargeBodies;
  readonly stalled: Stalled;
  readonly hooksInMemory: HooksInMemory;
  readonly footprints: readonly Footprint[];
}
