import type { Server } from 'node:http';
import type { Scheme } from './schemes.js';

/** Whom a case serves, and what it tells of its work. */
export interface CaseContext {
  /** Where it keeps what it keeps: a folder of its own, or the address of a server. */
  readonly place: string;
  readonly hooks: number;
  readonly secretsPerHook: number;
  readonly handlers: number;
  /** Called with the number of events that were parsed and handed over. */
  readonly onEvents: (count: number) => void;
}

/** A case that listens. */
export interface RunningCase {
  readonly server: Server;
  /** How many deliveries it has kept, where it keeps them instead of handling them. */
  kept?(): Promise<number>;
}

/** One receiver that is measured. */
export interface BenchCase {
  readonly name: string;
  readonly kind: 'by hand' | 'hookshake' | 'peer';
  readonly scheme: Scheme;
  /** Whether it keeps deliveries and leaves their events for later. */
  readonly keeps: boolean;
  /** Whether it skips events that it has handled before, so that no delivery may be sent to it twice. */
  readonly skipsRepeated: boolean;
  /** The packages that somebody who uses this installs. */
  readonly installs: readonly string[];
  /** The entries that it imports, of those packages. */
  readonly imports: readonly string[];
  /** Whether what it needs is on this machine. @defaultValue it is */
  readonly isHere?: (() => Promise<boolean>) | undefined;
  /** Gets a place ready, if it has to be more than an empty folder. */
  readonly prepare?: (() => Promise<Place>) | undefined;
  /** Imports what it is made of, no earlier, so that a process holds one case only. */
  start(context: CaseContext): Promise<RunningCase>;
}

/** Where a case keeps what it keeps. */
export interface Place {
  readonly address: string;
  remove(): Promise<void>;
}
