import { type Deadline, Deadlines } from './deadline.js';
import { describeFailure, remedyIn } from './describe-failure.js';
import type { AsanaEvent } from './event.js';
import { eventKeys } from './event-key.js';
import { nameOf } from './event-name.js';
import type { HandlerContext, HandlerRegistry } from './handler.js';
import { HookshakeError, isHookshakeError } from './hookshake-error.js';
import type { Attempt, InboxEvent, InboxWork, RawDelivery } from './inbox.js';
import type { Logger } from './logger.js';
import type { Notice } from './notices.js';
import { assertNoOthers, assertWithin } from './option-checks.js';
import type { EventCode } from './outcome.js';
import { isEvent, readEntries } from './payload.js';
import type { ReportEvent } from './reports.js';
import { runHandlers } from './run-handlers.js';

/** Options of {@link Receiver.start}. */
export interface StartOptions {
  /** How many events are handled at once, 1 to 1000. @defaultValue 10 */
  readonly concurrency?: number | undefined;
  /**
   * How often an event is tried before it is given up, 1 to 100; where events keep their order, for 15 minutes at most.
   * @defaultValue 12, which takes 15 to 35 minutes
   */
  readonly attempts?: number | undefined;
  /**
   * The wait before an event's second try, in milliseconds, 1 to 3600000; doubled for each try after, up to an hour, with
   * jitter.
   * @defaultValue 1000
   */
  readonly backoffMs?: number | undefined;
  /** How long the handlers of one event may take, in milliseconds, 1 to 3600000. @defaultValue 60000 */
  readonly handlerTimeoutMs?: number | undefined;
}

/**
 * Another worker had one when it took the delivery apart, an old or a new version of this one perhaps: so the event is
 * left to it, or to `inbox.failed()`, and not dropped.
 */
const NO_HANDLER = 'met only workers that have no handler for it';

/** What the work needs of its receiver. */
export interface WorkParts {
  readonly handlers: HandlerRegistry;
  readonly logger: Logger;
  readonly report: ReportEvent;
  readonly notice: Notice;
}

/**
 * What a worker does with an inbox's deliveries and events.
 *
 * @throws {@link HookshakeError} `invalid_option`.
 */
export function createInboxWork(parts: WorkParts, options: StartOptions = {}): InboxWork {
  const {
    concurrency = 10,
    attempts = 12,
    backoffMs = 1_000,
    handlerTimeoutMs: timeoutMs = 60_000,
    ...unknown
  } = options;
  assertNoOthers(unknown, 'start()');
  assertWithin('concurrency', concurrency, 1_000);
  assertWithin('attempts', attempts, 100);
  assertWithin('backoffMs', backoffMs, 3_600_000);
  assertWithin('handlerTimeoutMs', timeoutMs, 3_600_000);

  const { notice } = parts;
  const deadlines = new Deadlines(timeoutMs);

  function report(
    code: EventCode,
    event: InboxEvent,
    attempt: number,
    startedAt: number,
    error?: unknown,
  ): void {
    const delivery = { hookId: event.hookId, id: event.deliveryId };
    parts.report(code, { delivery, name: event.name, attempt, startedAt }, error);
  }

  return {
    concurrency,
    attempts,
    backoffMs,
    timeoutMs,

    split(delivery) {
      const events = splitDelivery(delivery, parts);
      if (events === undefined) {
        const line = `a delivery for the hook '${delivery.hookId}' is genuine but unreadable; it waits in inbox.parked()`;
        queueMicrotask(() => notice('error', 'delivery_parked', delivery.hookId, line));
      }
      return events;
    },

    async handle(event, { attempt, signal }: Attempt) {
      const startedAt = performance.now();
      const deadline = deadlines.begin();
      const stop = () => deadline.abort();
      signal.addEventListener('abort', stop, { once: true });
      try {
        const context = contextOf(event, attempt, deadline, parts.logger);
        const entry = event.name === 'heartbeat' ? undefined : (JSON.parse(event.json) as AsanaEvent);
        const handlers = parts.handlers.matching(event.name);
        if (handlers.length === 0) throw new HookshakeError('no_handlers', NO_HANDLER);
        const running = runHandlers(handlers, entry, context);
        if (running !== undefined) await deadline.within(running);
      } catch (error) {
        // A try that the stop of its worker cut off is no failed one.
        if (!signal.aborted) {
          const code = deadline.rejectedWith(error) ? 'event_timed_out' : 'event_failed';
          report(
            isHookshakeError(error, 'no_handlers') ? 'event_unhandled' : code,
            event,
            attempt,
            startedAt,
            error,
          );
        }
        throw error;
      } finally {
        deadlines.end(deadline);
        signal.removeEventListener('abort', stop);
      }
      report('event_handled', event, attempt, startedAt);
    },

    duplicate: (event) => report('event_duplicate', event, 1, performance.now()),
    describe: (error) => (isHookshakeError(error, 'no_handlers') ? NO_HANDLER : describeFailure(error)),
    troubled(error) {
      const why = remedyIn(error) ?? `it ${describeFailure(error)}. Nothing is lost, and it goes on trying`;
      notice('error', 'inbox_work_failed', '', `the worker cannot use its inbox: ${why}`);
    },
    gaveUp: (event, tries, error) => report('event_given_up', event, tries, performance.now(), error),
  };
}

/** The events that have handlers; `undefined` for what is not UTF-8, not JSON, or without events. */
function splitDelivery(
  delivery: RawDelivery,
  { handlers, report }: WorkParts,
): readonly InboxEvent[] | undefined {
  const { id, hookId, receivedAtMs, traceparent } = delivery;
  const common = { deliveryId: id, hookId, receivedAtMs, traceparent };
  const entries = readEntries(delivery.body);
  if (entries === undefined) return undefined;
  if (entries.length === 0) {
    // Heartbeats are all alike, so each gets a key of its own.
    const heartbeat = {
      ...common,
      key: `heartbeat.${id}`,
      lane: 'heartbeat',
      name: 'heartbeat',
      json: 'null',
    };
    return handlers.matching('heartbeat').length > 0 ? [heartbeat] : [];
  }
  const keys = eventKeys(entries);
  return entries.flatMap((entry, index): InboxEvent[] => {
    const name = isEvent(entry) ? nameOf(entry) : 'unknown';
    const skip = (code: EventCode): [] => {
      const one = { delivery, name, attempt: 1, startedAt: performance.now() };
      // Not within the inbox' own step: who hears of it may use the inbox.
      queueMicrotask(() => report(code, one));
      return [];
    };
    if (!isEvent(entry)) return skip('event_malformed');
    if (handlers.matching(name).length === 0) return skip('event_unhandled');
    const json = jsonOf(entry);
    if (json === undefined) return skip('event_malformed');
    return [{ ...common, key: keys[index] ?? '', lane: laneOf(entry), name, json }];
  });
}

/** `undefined` for what is nested too deeply to be written. */
function jsonOf(entry: AsanaEvent): string | undefined {
  try {
    return JSON.stringify(entry);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Events of one resource keep their order. */
function laneOf({ resource }: AsanaEvent): string {
  const gid: unknown = resource?.gid;
  return typeof gid === 'string' && /^[\x21-\x7e]{1,64}$/.test(gid) ? gid : '';
}

function contextOf(event: InboxEvent, attempt: number, deadline: Deadline, logger: Logger): HandlerContext {
  return {
    hookId: event.hookId,
    deliveryId: event.deliveryId,
    eventKey: event.key,
    receivedAt: new Date(event.receivedAtMs),
    traceparent: event.traceparent,
    attempt,
    get signal() {
      return deadline.signal;
    },
    logger,
  };
}
