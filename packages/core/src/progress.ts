import { DeliveryInFlight } from './delivery-in-flight.js';
import { createEventMemory, type EventMemory } from './event-memory.js';
import { putLast } from './put-last.js';
import { createRecentDeliveries } from './recent-deliveries.js';
import { createSeenTimes, type SeenTimes, type TimeSpan, timeSpanOf } from './seen-times.js';

/** Hooks whose times are remembered. What is no later than the latest time that had to go is taken for seen, and gets keys. */
const MAX_HOOKS = 500;

/** A bounded memory of this process that lets a repeated delivery skip the events that already succeeded. */
export interface Progress {
  begin(delivery: DeliveryInFlight, entries: readonly unknown[]): DeliveryProgress;
  /** The delivery is answered. */
  end(soFar: DeliveryProgress): void;
}

/**
 * Hashing a key for every event would cost more than all the rest of a delivery. But an event that comes again has the
 * time it had before, so keys are made only for a delivery whose times its hook may have seen. Until then, a delivery
 * that succeeded is remembered by its bytes.
 */
export function createProgress(now: () => number): Progress {
  const seenTimes = new Map<string, SeenTimes>();
  let latestForgotten = '';
  const recent = createRecentDeliveries();
  const memory = createEventMemory(now);

  /** Notes the events of the remembered deliveries whose times meet those of a new one. */
  function recall(hookId: string, span: TimeSpan): void {
    for (const body of recent.take(hookId, span)) {
      const { keys } = new DeliveryInFlight(hookId, body, 0);
      for (const key of keys) memory.noteDone(keyOf(hookId, key));
    }
  }

  return {
    begin(delivery, entries) {
      const { hookId } = delivery;
      const { span, ofAll } = timeSpanOf(entries);
      const fresh = ofAll && seenTimes.get(hookId)?.mayHold(span) === false;
      if (!fresh) recall(hookId, span);
      return new DeliveryProgress(delivery, entries, span, fresh, memory);
    },

    end(soFar) {
      const { hookId, body } = soFar.delivery;
      const times = seenTimes.get(hookId) ?? createSeenTimes(latestForgotten);
      times.add(soFar.span);
      const { last = '' } = putLast(seenTimes, hookId, times, MAX_HOOKS) ?? {};
      if (last > latestForgotten) latestForgotten = last;
      if (soFar.noteSucceeded()) recent.add(hookId, soFar.span, body);
    },
  };
}

/** How far the events of one delivery have come, over this and all earlier times they were delivered. */
export class DeliveryProgress {
  readonly delivery: DeliveryInFlight;
  readonly span: TimeSpan;
  readonly #entries: readonly unknown[];
  /** None of its events can have come before. */
  readonly #fresh: boolean;
  readonly #memory: EventMemory;
  /** Events of a fresh delivery, until it ends. */
  readonly #succeeded: number[] = [];
  #ended = false;

  constructor(
    delivery: DeliveryInFlight,
    entries: readonly unknown[],
    span: TimeSpan,
    fresh: boolean,
    memory: EventMemory,
  ) {
    this.delivery = delivery;
    this.span = span;
    this.#entries = entries;
    this.#fresh = fresh;
    this.#memory = memory;
  }

  /**
   * The indexes of the events in the order in which to handle them: those that have failed before behind the others.
   * `undefined` where that is the order they are in.
   */
  order(): readonly number[] | undefined {
    if (this.#fresh) return undefined;
    // So that one event that takes all the time does not keep the ones behind it from ever being tried.
    return [...this.#entries.keys()].sort((a, b) => this.failures(a) - this.failures(b));
  }

  /** Whether the event at this index has succeeded, or was given up, before. */
  isDone(index: number): boolean {
    return !this.#fresh && this.#memory.isDone(this.#keyAt(index));
  }

  /** How often the event at this index has failed. */
  failures(index: number): number {
    return this.#fresh ? 0 : this.#memory.failures(this.#keyAt(index));
  }

  succeed(index: number): void {
    if (this.#fresh && !this.#ended) this.#succeeded.push(index);
    else this.#memory.noteDone(this.#keyAt(index));
  }

  /** Notes a failure; `given_up` once the event has not succeeded for 12 hours. */
  fail(index: number): 'again' | 'given_up' {
    return this.#memory.hold(this.#keyAt(index), 1);
  }

  /** As `fail`, for an event that there was no time to try. */
  postpone(index: number): 'again' | 'given_up' {
    return this.#memory.hold(this.#keyAt(index), 0);
  }

  /**
   * The delivery is answered: notes what succeeded.
   *
   * @returns Whether all events of a fresh delivery did. Nothing is noted then, since its bytes are enough to tell.
   */
  noteSucceeded(): boolean {
    this.#ended = true;
    if (this.#succeeded.length === this.#entries.length) return true;
    for (const index of this.#succeeded) this.#memory.noteDone(this.#keyAt(index));
    return false;
  }

  #keyAt(index: number): string {
    return keyOf(this.delivery.hookId, this.delivery.keys[index]);
  }
}

/** Two hooks may get the same event. */
function keyOf(hookId: string, eventKey: string | undefined): string {
  return `${hookId}\n${eventKey}`;
}
