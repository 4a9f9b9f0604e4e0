import { AssertionError } from 'node:assert/strict';
import type { Inbox, InboxEvent, InboxWork, RawDelivery } from '@hookshake/core';

/** One call of `handle`. */
export interface Call {
  readonly event: InboxEvent;
  readonly attempt: number;
  readonly signal: AbortSignal;
  /** When it began, by the clock of this process. */
  readonly at: number;
  /** `undefined` while the handlers run. */
  readonly result: 'done' | 'failed' | undefined;
  succeed(): void;
  fail(error?: unknown): void;
}

/** How a worker of a case works. */
export interface WorkOptions
  extends Partial<Pick<InboxWork, 'attempts' | 'backoffMs' | 'timeoutMs' | 'concurrency'>> {
  /** What the handlers do with an event: succeed unless told; `'wait'` for the case to end the call. */
  readonly handle?: (call: Call) => 'succeed' | 'fail' | 'wait';
  /** Whether a try ends when its signal is aborted, as the receiver's does. @defaultValue true */
  readonly heeds?: boolean;
  /** Whether deliveries can be read. */
  readonly readable?: (raw: RawDelivery) => boolean;
}

/** A worker that notes all that an inbox asks of it. */
export interface RecordedWork {
  readonly calls: readonly Call[];
  readonly splits: readonly RawDelivery[];
  readonly duplicates: readonly InboxEvent[];
  readonly givenUp: readonly {
    readonly event: InboxEvent;
    readonly attempts: number;
    readonly error: unknown;
  }[];
  /** How many calls have not ended, of a worker that was not stopped. */
  readonly running: number;
  /** The most calls that ran at once. */
  readonly mostAtOnce: number;
  /** Keys of the events in the order in which they were done. */
  readonly done: readonly string[];
  /** The nth call for an event, counted from 1: waits for it. */
  call(key: string, nth?: number): Promise<Call>;
  /** The calls for an event so far. */
  callsFor(key: string): readonly Call[];
  /** Waits until something is true, which is looked at whenever the inbox has asked for anything. */
  until(what: string, holds: () => boolean): Promise<void>;
  start(inbox: Inbox): Promise<void>;
  stop(withinMs: number): Promise<void>;
  /** Its process is gone: there is nothing to stop any more. */
  die(): void;
}

/** What the handlers of the battery fail with; its message must never show. */
export class HandlerFailure extends Error {
  override readonly name = 'HandlerFailure';
}

/** The reason that is kept of a failure. */
export const REASON = 'threw HandlerFailure at the battery';

/** The events of a delivery, one a line: `key lane`. */
export function splitLines(raw: RawDelivery): readonly InboxEvent[] | undefined {
  const text = Buffer.from(raw.body).toString('latin1');
  if (!text.startsWith('events')) return undefined;
  const { id: deliveryId, hookId, receivedAtMs, traceparent } = raw;
  return text
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => {
      const [key = '', lane = ''] = line.split(' ');
      const json = JSON.stringify({ key, odd: '\u0000 \ud800 ü ☃' });
      return { deliveryId, hookId, receivedAtMs, traceparent, key, lane, name: 'task.changed.name', json };
    });
}

export function recordWork(patienceMs: number, options: WorkOptions = {}): RecordedWork {
  const { handle = () => 'succeed', heeds = true, readable = () => true } = options;
  const calls: Call[] = [];
  const splits: RawDelivery[] = [];
  const duplicates: InboxEvent[] = [];
  const givenUp: { event: InboxEvent; attempts: number; error: unknown }[] = [];
  const done: string[] = [];
  const waiting = new Set<() => void>();
  let running = 0;
  let mostAtOnce = 0;
  let stop: ((withinMs: number) => Promise<void>) | undefined;

  function changed(): void {
    for (const look of waiting) look();
  }

  function until(what: string, holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!holds()) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.delete(look);
        reject(new AssertionError({ message: `waited ${patienceMs} ms in vain until ${what}` }));
      }, patienceMs);
      waiting.add(look);
      look();
    });
  }

  const work: InboxWork = {
    attempts: options.attempts ?? 8,
    backoffMs: options.backoffMs ?? 1_000,
    timeoutMs: options.timeoutMs ?? 60_000,
    concurrency: options.concurrency ?? 10,

    split(raw) {
      splits.push(raw);
      const events = readable(raw) ? splitLines(raw) : undefined;
      changed();
      return events;
    },

    handle(event, { attempt, signal }) {
      running++;
      mostAtOnce = Math.max(mostAtOnce, running);
      return new Promise((resolve, reject) => {
        let result: Call['result'];
        const end = (how: 'done' | 'failed', settle: () => void): void => {
          if (result !== undefined) return;
          result = how;
          running--;
          settle();
          changed();
        };
        const call: Call = {
          event,
          attempt,
          signal,
          at: performance.now(),
          get result() {
            return result;
          },
          succeed: () =>
            end('done', () => {
              done.push(event.key);
              resolve();
            }),
          fail: (error = new HandlerFailure(`a secret of ${event.key}`)) =>
            end('failed', () => reject(error)),
        };
        if (heeds) signal.addEventListener('abort', () => call.fail(), { once: true });
        calls.push(call);
        const what = handle(call);
        if (what === 'succeed') call.succeed();
        if (what === 'fail') call.fail();
        changed();
      });
    },

    duplicate(event) {
      duplicates.push(event);
      changed();
    },

    describe: () => REASON,

    troubled() {},
    gaveUp(event, attempts, error) {
      givenUp.push({ event, attempts, error });
      changed();
    },
  };

  const callsFor = (key: string) => calls.filter(({ event }) => event.key === key);

  return {
    calls,
    splits,
    duplicates,
    givenUp,
    done,
    get running() {
      return stop === undefined ? 0 : running;
    },
    get mostAtOnce() {
      return mostAtOnce;
    },
    callsFor,

    async call(key, nth = 1) {
      await until(`'${key}' is tried for the ${nth}. time`, () => callsFor(key).length >= nth);
      const call = callsFor(key)[nth - 1];
      if (call === undefined) throw new TypeError('no such call');
      return call;
    },

    until,

    async start(inbox) {
      const worker = await inbox.consume(work);
      stop = (withinMs) => worker.stop(withinMs);
    },

    async stop(withinMs) {
      const stopIt = stop;
      stop = undefined;
      await stopIt?.(withinMs);
    },

    die() {
      stop = undefined;
    },
  };
}
