import { assertWithin } from './option-checks.js';
import type { Durability } from './secret-store.js';

/** A verified delivery as it is made durable: its bytes, unparsed, and never its signature. */
export interface RawDelivery {
  /** Made by the receiver; unique. */
  readonly id: string;
  readonly hookId: string;
  /** When it arrived, in milliseconds since 1970 by the receiver's clock. For people; nothing is decided by it. */
  readonly receivedAtMs: number;
  /** Any bytes up to the receiver's `maxBodyBytes`: NUL and invalid UTF-8 included, so keep it as a blob. */
  readonly body: Uint8Array;
  /** The W3C trace context of the request, if it had one. */
  readonly traceparent?: string | undefined;
}

/** One event that a delivery was split into. All of its texts but `json` are visible ASCII, 200 characters at most. */
export interface InboxEvent {
  readonly deliveryId: string;
  readonly hookId: string;
  readonly receivedAtMs: number;
  readonly traceparent?: string | undefined;
  /** The event's key. An event whose (hook id, key) was seen within 7 days is dropped. */
  readonly key: string;
  /**
   * What the event is about, such as the gid of a task; may be empty. Events of one (hook id, lane) keep their order
   * where promised.
   */
  readonly lane: string;
  /** The event's most specific name, such as `task.changed.name`. */
  readonly name: string;
  /** The event as JSON text. Not every database takes all of it for JSON of its own (`\u0000`), so keep it as text. */
  readonly json: string;
}

/** How one try of one event is made. */
export interface Attempt {
  /** 1 at first, and 1 more after each failed try; not after one that was cut off by a stop or a crash. */
  readonly attempt: number;
  /**
   * Aborted when the worker stops and has waited long enough. A handler that ignores it runs on, perhaps beside the next
   * try; how it ends counts no more.
   */
  readonly signal: AbortSignal;
}

/** What a worker does with what an inbox holds; given to {@link Inbox.consume} by the receiver. */
export interface InboxWork {
  /** The events of a delivery, in order; `undefined` when it is unreadable and has to be parked. Never throws. */
  split(delivery: RawDelivery): readonly InboxEvent[] | undefined;
  /** Runs the handlers. Resolves when the event is done with; rejects when it has to be tried again. */
  handle(event: InboxEvent, attempt: Attempt): Promise<void>;
  /** An event was dropped, since its (hook id, key) had been seen before. */
  duplicate(event: InboxEvent): void;
  /** What to keep of an error with a failed event: a text without the error's message. */
  describe(error: unknown): string;
  /**
   * An event was given up and is now among the failed ones; `attempts` is the number of its failed tries, `error` what
   * failed the last one, `undefined` if it is given up because its workers died.
   */
  gaveUp(event: InboxEvent, attempts: number, error: unknown): void;
  /** The worker cannot use what the inbox is kept in, and goes on trying. Tell it as often as it happens. */
  troubled(error: unknown): void;
  /** How often an event is tried before it is given up; less often where {@link LANE_HOLD_MS} is over before. */
  readonly attempts: number;
  /** The wait before the second try, in milliseconds; doubled for each one after, with jitter: see {@link backoffDelay}. */
  readonly backoffMs: number;
  /** How long a try may take, in milliseconds; `handle` rejects then. A lease that is not renewed must be longer. */
  readonly timeoutMs: number;
  /** How many events are handled at once. */
  readonly concurrency: number;
}

/** A worker that consumes an inbox. */
export interface InboxWorker {
  /**
   * Takes on nothing new and waits for what is running, `withinMs` at most; then aborts the signals of what still runs
   * and leaves that to be tried again. Such an abort is no failed try.
   */
  stop(withinMs: number): Promise<void>;
}

/** An event that was given up. */
export interface FailedEvent {
  readonly id: string;
  readonly hookId: string;
  readonly key: string;
  readonly name: string;
  readonly json: string;
  readonly attempts: number;
  readonly failedAt: Date;
  /** What failed, without the error's message: `threw TypeError at /app/notify.js:12:5`. */
  readonly reason: string;
}

/** A delivery that is genuine but unreadable. */
export interface ParkedDelivery {
  readonly id: string;
  readonly hookId: string;
  readonly receivedAt: Date;
  readonly body: Uint8Array;
}

/** Which page of a list. */
export interface PageOptions {
  /** 1 to 100. @defaultValue 100 */
  readonly limit?: number | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
}

/** A page of a list, oldest first. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Pass it as `after` to get the next page; `undefined` on the last one. */
  readonly next: string | undefined;
}

/** How full an inbox is. */
export interface InboxStats {
  /** Deliveries that are not split yet, and events that wait for a try. */
  readonly waiting: number;
  /** Events that are being handled. */
  readonly running: number;
  /** Events that were given up. */
  readonly failed: number;
  /** Deliveries that are unreadable. */
  readonly parked: number;
  /**
   * How long the oldest of what is due has waited for a worker, in milliseconds; 0 when nothing is due. What waits for
   * its next try is not due until then.
   */
  readonly oldestAgeMs: number;
}

/** An event is known as seen for this long, in milliseconds. */
export const SEEN_MS: number = 7 * 24 * 3_600_000;

/**
 * Where order is kept, a failing event may hold up the ones behind it for this long, in milliseconds, from its first
 * failure on. The first try that fails after that is its last, whatever {@link InboxWork.attempts} says.
 */
export const LANE_HOLD_MS: number = 15 * 60_000;

/** An event during which its worker's process died this often is given up. */
export const MAX_CRASHES = 5;

/** The `reason` of an event that was given up because of that. */
export const WORKER_DIED: string = `its worker died while it was handled, ${MAX_CRASHES} times`;

/**
 * Where a verified delivery is made durable before it is answered, and from where its events are handled.
 *
 * Prove an implementation with `inboxBattery` of `@hookshake/testing`.
 * @see docs/inboxes.md
 */
export interface Inbox {
  /** What a 200 survives. */
  readonly durability: Durability;
  /** Whether the events of one (hook id, lane) are handled in the order of acceptance. */
  readonly ordered: boolean;

  /**
   * Resolves once the delivery is as durable as promised; rejects when it is not, with code `inbox_full` when there is
   * too much of it. Nothing is parsed.
   */
  append(delivery: RawDelivery): Promise<void>;

  /** Starts a worker; several may run, in this and other processes. Resolves once it works. */
  consume(work: InboxWork): Promise<InboxWorker>;

  /** The events that were given up. Rejects with `invalid_option` for a page that cannot be. */
  failed(page?: PageOptions): Promise<Page<FailedEvent>>;
  /** The deliveries that are unreadable. Rejects with `invalid_option` for a page that cannot be. */
  parked(page?: PageOptions): Promise<Page<ParkedDelivery>>;
  /** Tries a failed event or a parked delivery anew, with all its attempts. An unknown id is no error. */
  retry(id: string): Promise<void>;
  /** Drops a failed event or a parked delivery for good. An unknown id is no error. */
  discard(id: string): Promise<void>;
  /** Drops all that it holds of a hook. */
  forget(hookId: string): Promise<void>;
  stats(): Promise<InboxStats>;
}

/**
 * How many items a page holds.
 *
 * @throws {@link HookshakeError} `invalid_option`.
 */
export function pageLimit({ limit = 100 }: PageOptions): number {
  assertWithin('limit', limit, 100);
  return limit;
}

/**
 * The wait before the next try, in milliseconds: `backoffMs` doubled for each failed try after the first, an hour at
 * most, times a random factor of 0.5 to 1.
 */
export function backoffDelay(
  backoffMs: number,
  failures: number,
  random: () => number = Math.random,
): number {
  return Math.min(backoffMs * 2 ** (failures - 1), 3_600_000) * (0.5 + random() / 2);
}
