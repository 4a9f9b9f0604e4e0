import { DeliveryInFlight } from './delivery-in-flight.js';
import { putLast } from './put-last.js';
import { createRecentDeliveries } from './recent-deliveries.js';
import { createSeenTimes, type SeenTimes, type TimeSpan, timeSpanOf } from './seen-times.js';

/** Hooks whose times are remembered; one that is not among them is taken for seen, and its events get keys. */
const MAX_HOOKS = 500;
const MAX_DONE_EVENTS = 50_000;
/** Events that are failing; further ones are tried again each time, but nobody counts how often and how long. */
const MAX_FAILING_EVENTS = 10_000;
const GIVE_UP_MS = 12 * 3_600_000;
/** Asana repeats nothing for longer than a day. */
const FORGET_FAILING_MS = 25 * 3_600_000;

/** How far the events of one delivery have come, over this and all earlier times they were delivered. */
export interface DeliveryProgress {
  /** Whether the event at this index has succeeded, or was given up, before. */
  isDone(index: number): boolean;
  /** How often the event at this index has failed. */
  failures(index: number): number;
  /** The order in which to handle the events: as they are, but those that have failed before behind the others. */
  order(): Iterable<number>;
  succeed(index: number): void;
  /** Notes a failure; `given_up` once the event has not succeeded for 12 hours. */
  fail(index: number): 'again' | 'given_up';
  /** As `fail`, for an event that there was no time to try. */
  postpone(index: number): 'again' | 'given_up';
  /** The delivery is answered. */
  end(): void;
}

/** A bounded memory of this process that lets a repeated delivery skip the events that already succeeded. */
export interface Progress {
  begin(delivery: DeliveryInFlight, entries: readonly unknown[]): DeliveryProgress;
}

interface Failing {
  readonly failures: number;
  readonly since: number;
}

/**
 * Hashing a key for every event would cost more than all the rest of a delivery. But an event that comes again has the
 * time it had before, so keys are made only for a delivery whose times its hook may have seen. Until then, a delivery
 * that succeeded is remembered by its bytes.
 */
export function createProgress(now: () => number): Progress {
  const seenTimes = new Map<string, SeenTimes>();
  const recent = createRecentDeliveries();
  const done = new Map<string, true>();
  /** In the order of their first failure. Apart from what is done, of which a busy process would push them out. */
  const failing = new Map<string, Failing>();

  /** Notes the events of the remembered deliveries whose times meet those of a new one. */
  function recall(hookId: string, span: TimeSpan): void {
    for (const body of recent.take(hookId, span)) {
      const { keys } = new DeliveryInFlight(hookId, body, 0);
      for (const key of keys) noteDone(`${hookId}\n${key}`);
    }
  }

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
    begin(delivery, entries) {
      const { hookId } = delivery;
      const { span, ofAll } = timeSpanOf(entries);
      const seen = seenTimes.get(hookId);
      const fresh = ofAll && seen?.mayHold(span) === false;
      if (!fresh) recall(hookId, span);

      const succeeded: number[] = [];
      let ended = false;
      const keyAt = (index: number): string => `${hookId}\n${delivery.keys[index]}`;
      const failures = (index: number) => (fresh ? 0 : (failing.get(keyAt(index))?.failures ?? 0));

      function hold(index: number, tries: 0 | 1): 'again' | 'given_up' {
        const key = keyAt(index);
        const { failures = 0, since = now() } = failing.get(key) ?? {};
        const givenUp = now() - since >= GIVE_UP_MS;
        if (givenUp) noteDone(key);
        else noteFailing(key, { failures: failures + tries, since });
        return givenUp ? 'given_up' : 'again';
      }

      return {
        isDone: (index) => !fresh && done.has(keyAt(index)),

        failures,

        // So that one event that takes all the time does not keep the ones behind it from ever being tried.
        order: () => (fresh ? entries.keys() : [...entries.keys()].sort((a, b) => failures(a) - failures(b))),

        succeed(index) {
          if (fresh && !ended) succeeded.push(index);
          else noteDone(keyAt(index));
        },

        fail: (index) => hold(index, 1),

        postpone: (index) => hold(index, 0),

        end() {
          ended = true;
          const times = seenTimes.get(hookId) ?? createSeenTimes();
          times.add(span);
          putLast(seenTimes, hookId, times, MAX_HOOKS);
          if (succeeded.length === entries.length) recent.add(hookId, span, delivery.body);
          else for (const index of succeeded) noteDone(keyAt(index));
        },
      };
    },
  };
}
