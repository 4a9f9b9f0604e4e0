import { putLast } from './put-last.js';

const MAX_DONE_EVENTS = 50_000;
/** Events that are failing; further ones are tried again each time, but nobody counts how often and how long. */
const MAX_FAILING_EVENTS = 10_000;
const GIVE_UP_MS = 12 * 3_600_000;
/** Asana repeats nothing for longer than a day. */
const FORGET_FAILING_MS = 25 * 3_600_000;

/** What a process remembers of events by their keys: which are done, and which have failed, how often and since when. */
export interface EventMemory {
  isDone(key: string): boolean;
  noteDone(key: string): void;
  failures(key: string): number;
  /** Notes an event that has not succeeded; `given_up` once it has not for 12 hours. */
  hold(key: string, tries: 0 | 1): 'again' | 'given_up';
}

interface Failing {
  readonly failures: number;
  readonly since: number;
}

export function createEventMemory(now: () => number): EventMemory {
  const done = new Map<string, true>();
  /** In the order of their first failure. Apart from what is done, of which a busy process would push them out. */
  const failing = new Map<string, Failing>();

  function noteDone(key: string): void {
    failing.delete(key);
    putLast(done, key, true, MAX_DONE_EVENTS);
  }

  function noteFailing(key: string, state: Failing): void {
    for (const [oldest, { since }] of failing) {
      if (since + FORGET_FAILING_MS > now()) break;
      failing.delete(oldest);
    }
    if (failing.has(key) || failing.size < MAX_FAILING_EVENTS) failing.set(key, state);
  }

  return {
    isDone: (key) => done.has(key),
    noteDone,
    failures: (key) => failing.get(key)?.failures ?? 0,

    hold(key, tries) {
      const { failures = 0, since = now() } = failing.get(key) ?? {};
      const givenUp = now() - since >= GIVE_UP_MS;
      if (givenUp) noteDone(key);
      else noteFailing(key, { failures: failures + tries, since });
      return givenUp ? 'given_up' : 'again';
    },
  };
}
