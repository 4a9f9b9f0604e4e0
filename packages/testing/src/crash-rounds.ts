import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type CrashProcess, createMember } from './crash-rounds/crew.js';
import { startLoad } from './crash-rounds/load.js';
import { type CrashReport, tally } from './crash-rounds/tally.js';

export type { CrashProcess } from './crash-rounds/crew.js';
export type { CrashReport } from './crash-rounds/tally.js';

/** Options of {@link crashRounds}. */
export interface CrashRoundsOptions {
  /** How often processes are killed. */
  readonly rounds: number;
  /** The backend, which each process makes for itself. */
  readonly backend: {
    /** The URL of a module that Node can run as it is, such as `import.meta.resolve('@hookshake/sqlite')`. */
    readonly module: string;
    /** Its export that makes the backend: a function that gives `{ secrets, inbox }`, or a promise of it. */
    readonly create: string;
    /** What that is called with, as JSON can carry it. @defaultValue none */
    readonly args?: readonly unknown[] | undefined;
  };
  /** How many processes receive deliveries. @defaultValue 1 */
  readonly receivers?: number | undefined;
  /** How many processes work the inbox. @defaultValue 0: the receivers do so themselves */
  readonly workers?: number | undefined;
  /** How many events a process handles at once, and so may handle again when it is killed. @defaultValue 20 */
  readonly concurrency?: number | undefined;
  /** How many deliveries are under way at once. @defaultValue 16 */
  readonly deliveriesAtOnce?: number | undefined;
  /** Whether a process is killed in a round, counted from 1. @defaultValue all are, in each */
  readonly kill?: ((process: CrashProcess, round: number) => boolean) | undefined;
  /**
   * Called in each round when the processes have been killed and not started again, while the others go on under load:
   * restarts a server, for example. `refused` resolves once a delivery is answered otherwise than 200.
   */
  readonly between?: ((round: number, refused: () => Promise<void>) => Promise<void>) | undefined;
  /**
   * How long workers may take at the end until nothing is left, in milliseconds. They wait for the leases of those that
   * were killed.
   * @defaultValue 120000
   */
  readonly drainWithinMs?: number | undefined;
  /** Ends it at once when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

const SECRET = 'the-secret-of-the-crash-rounds';

/** A round begins with this many deliveries, each answered 200, so that every start is shown to have worked. */
const DELIVERIES_EACH = 20;
const START_WITHIN_MS = 30_000;
const PROGRESS_WITHIN_MS = 60_000;

/** A process is killed at a random instant within this time. */
const KILLED_WITHIN_MS = 500;

/**
 * Proves a backend by real processes: they receive signed deliveries over HTTP, and handle the events, while one after
 * the other is killed by SIGKILL at a random instant and started again. At the end, all that was answered 200 has to have
 * been handled, and nothing that was not sent.
 *
 * One event in ten fails at its first try, and handlers take a few milliseconds. Nothing is left of the processes
 * afterwards; what the backend has kept stays.
 *
 * @throws An error when a process ends by itself, when deliveries are no longer answered 200, or when the inbox does not
 * become empty.
 * @example
 * ```ts
 * const { lost, invented } = await crashRounds({
 *   rounds: 20,
 *   backend: { module: import.meta.resolve('@hookshake/sqlite'), create: 'sqlite', args: [path] },
 *   receivers: 2,
 *   workers: 2,
 * });
 * deepEqual({ lost, invented }, { lost: [], invented: [] });
 * ```
 */
export async function crashRounds(options: CrashRoundsOptions): Promise<CrashReport> {
  const { rounds, receivers = 1, workers = 0, concurrency = 20, deliveriesAtOnce = 16 } = options;
  const { module, create, args = [] } = options.backend;
  const { kill = () => true, between = async () => {}, drainWithinMs = 120_000 } = options;
  const folder = await mkdtemp(join(tmpdir(), 'hookshake-crashes-'));
  const log = join(folder, 'handled');
  await writeFile(log, '');

  const broken = new AbortController();
  const signal = AbortSignal.any([broken.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const member = (role: CrashProcess['role'], index: number) =>
    createMember(
      { role, index },
      {
        backend: { module, create, args },
        receives: role === 'receiver',
        works: role === 'worker' || workers === 0,
        concurrency,
        secret: SECRET,
        log,
      },
      (error) => broken.abort(error),
    );
  const receiving = Array.from({ length: receivers }, (_, index) => member('receiver', index));
  const crew = [...receiving, ...Array.from({ length: workers }, (_, index) => member('worker', index))];
  const load = startLoad(deliveriesAtOnce, SECRET, (sender) => receiving[sender % receivers]?.port);

  // By a controller that the timer holds: what AbortSignal.any made of AbortSignal.timeout, Node 20 may collect before.
  const within = (ms: number) => {
    const late = new AbortController();
    void setTimeout(ms, undefined, { ref: false }).then(() => late.abort());
    return AbortSignal.any([signal, late.signal]);
  };
  const randomInstant = () => setTimeout(Math.random() * KILLED_WITHIN_MS, undefined, { signal });

  try {
    await Promise.all(crew.map((one) => one.start(within(START_WITHIN_MS))));
    for (let round = 1; round <= rounds; round++) {
      await load.progress(DELIVERIES_EACH, within(PROGRESS_WITHIN_MS));
      const killed = crew.filter((one) => kill(one, round));
      await Promise.all([randomInstant(), ...killed.map((one) => randomInstant().then(() => one.kill()))]);
      await between(round, () => load.refusal(within(PROGRESS_WITHIN_MS)));
      await Promise.all(killed.map((one) => one.start(within(START_WITHIN_MS))));
    }
    await load.progress(DELIVERIES_EACH, within(PROGRESS_WITHIN_MS));
    await load.stop();
    await Promise.all(crew.map((one) => one.drain(within(drainWithinMs))));
    return tally(load, (await readFile(log, 'utf8')).split('\n').slice(0, -1));
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    await Promise.all([load.stop(), ...crew.map((one) => one.kill())]);
    await rm(folder, { recursive: true });
  }
}
