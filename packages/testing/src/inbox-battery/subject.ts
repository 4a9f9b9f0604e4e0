import { fail } from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Awaitable, Inbox, InboxStats } from '@hookshake/core';
import { type RecordedWork, recordWork, type WorkOptions } from './recorded-work.js';

/** An inbox for one case of {@link inboxBattery}, and the power over its time and its life. */
export interface InboxSetup {
  /** An inbox that holds nothing. */
  readonly inbox: Inbox;
  /** Another handle on the same data, as a second process would have it. Left out, the one is used for both. */
  readonly second?: Inbox | undefined;
  /**
   * Lets time pass for the inbox, in milliseconds, and has its workers look at the clock. Move the clock that the inbox
   * was given; or, where the clock is a server's, move all that is stored into the past. Left out where neither can be
   * done: then pass only cases that do not need it.
   */
  advance?(ms: number): Awaitable<void>;
  /**
   * The process that holds `inbox` dies in the middle of what it does, without another word to the store: cut its
   * connection, stop its renewals. Resolves to a fresh handle on the same data once its leases have run out.
   */
  crash?(): Awaitable<Inbox>;
  /** Called after the case, whether or not it passed. Workers have been stopped by then. */
  close?(): Awaitable<void>;
}

/** What {@link inboxBattery} is run against. */
export interface InboxSubject {
  /** Called once for each case. */
  create(): Awaitable<InboxSetup>;
  /** As `create`, for an inbox that takes exactly this many small deliveries while nobody works, and refuses the next. */
  createBounded?(deliveries: number): Awaitable<InboxSetup>;
  /**
   * `'frozen'`: time passes only by `advance`. `'running'`: real time passes too, as on a server, so what is not due yet
   * is looked at 20 seconds before.
   * @defaultValue `'frozen'`
   */
  readonly clock?: 'frozen' | 'running' | undefined;
  /** How long a case waits for what has to happen before it fails, in milliseconds. @defaultValue 4000 */
  readonly patienceMs?: number | undefined;
}

/** What a case cannot do without. */
export type InboxNeed = 'advance' | 'crash' | 'createBounded';

/** One case of {@link inboxBattery}. */
export interface InboxCase {
  /** A sentence that is true of every inbox. */
  readonly title: string;
  /** What the case needs of its subject. Leave it out where the subject cannot have that. */
  readonly needs?: InboxNeed | undefined;
  /** Rejects, with an `AssertionError` as a rule, if it is not true of this one. */
  run(subject: InboxSubject): Promise<void>;
}

/** What a case works with. */
export interface Bench {
  readonly inbox: Inbox;
  readonly second: Inbox;
  /** The two handles by turns. */
  handle(turn: number): Inbox;
  /** Whether time can be moved. */
  readonly moves: boolean;
  /** Lets time pass. Where it cannot be moved, real time has to pass while the case waits for something. */
  pass(ms: number): Promise<void>;
  /** Lets time pass up to a moment before `ms` are over. Call the result to let the rest pass. */
  almost(ms: number): Promise<() => Promise<void>>;
  crash(): Promise<Inbox>;
  /** Starts a worker, which is stopped after the case. */
  consume(inbox: Inbox, options?: WorkOptions): Promise<RecordedWork>;
  /** Waits until nothing waits and nothing runs. */
  idle(inbox: Inbox): Promise<void>;
  /** Waits until the inbox tells these figures: while a delivery becomes events, it may be counted as both. */
  figures(inbox: Inbox, expected: Omit<InboxStats, 'oldestAgeMs'>): Promise<void>;
  /** Waits until the inbox has noted how the calls went that have ended. */
  noted(): Promise<void>;
}

/** Makes a case that gets a fresh inbox, and leaves nothing of it behind. */
export function inboxCase(
  title: string,
  test: (bench: Bench) => Promise<void>,
  needs?: InboxNeed,
): InboxCase {
  return {
    title,
    needs,
    async run(subject) {
      if (needs !== 'createBounded') return await runCase(subject, await subject.create(), test, needs);
      if (subject.createBounded === undefined) throw lacks(needs);
      return await runCase(subject, await subject.createBounded(BOUND), test, undefined);
    },
  };
}

/** How many deliveries a bounded inbox takes. */
export const BOUND = 20;

function lacks(need: InboxNeed): TypeError {
  return new TypeError(
    `This case needs \`${need}\`. Leave it out on purpose: inboxBattery.filter(({ needs }) => needs !== '${need}')`,
  );
}

async function runCase(
  { clock = 'frozen', patienceMs = 4_000 }: InboxSubject,
  setup: InboxSetup,
  test: (bench: Bench) => Promise<void>,
  needs: 'advance' | 'crash' | undefined,
): Promise<void> {
  const { inbox, second = inbox } = setup;
  const momentMs = clock === 'running' ? 20_000 : 1;
  const workers: RecordedWork[] = [];
  let alive = inbox;

  function noted(): Promise<void> {
    const running = workers.reduce((sum, worker) => sum + worker.running, 0);
    return untilStats(alive, patienceMs, `${running} events run`, (stats) => stats.running === running);
  }

  // What fails now is due later by the clock of now, so the clock must not move before that is noted.
  async function pass(ms: number): Promise<void> {
    if (setup.advance === undefined) return;
    await noted();
    await setup.advance(ms);
  }

  try {
    if (needs !== undefined && setup[needs] === undefined) throw lacks(needs);
    await test({
      inbox,
      second,
      moves: setup.advance !== undefined,
      handle: (turn) => (turn % 2 === 0 ? inbox : second),
      pass,
      async almost(ms) {
        await pass(ms - momentMs);
        return () => pass(momentMs);
      },
      async crash() {
        const crashed = workers.splice(0);
        alive = (await setup.crash?.()) ?? fail('no crash');
        for (const worker of crashed) worker.die();
        return alive;
      },
      async consume(from, options) {
        const recorded = recordWork(patienceMs, options);
        workers.push(recorded);
        await recorded.start(from);
        return recorded;
      },
      idle: (one) =>
        untilStats(
          one,
          patienceMs,
          'nothing waits or runs',
          ({ waiting, running }) => waiting + running === 0,
        ),
      figures: (one, expected) =>
        untilStats(
          one,
          patienceMs,
          `the figures are ${JSON.stringify(expected)}`,
          ({ oldestAgeMs: _, ...rest }) => isDeepStrictEqual({ ...rest }, expected),
        ),
      noted,
    });
  } finally {
    for (const worker of workers) await worker.stop(0);
    await setup.close?.();
  }
}

/** Asks again and again, since an inbox tells nobody when it has noted something. */
async function untilStats(
  inbox: Inbox,
  patienceMs: number,
  what: string,
  holds: (stats: InboxStats) => boolean,
): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    const stats = await inbox.stats();
    if (holds(stats)) return;
    if (performance.now() > giveUpAt) fail(`waited in vain until ${what}: ${JSON.stringify(stats)}`);
    await setTimeout(1);
  }
}
