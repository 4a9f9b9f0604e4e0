import type { Deadline } from './deadline.js';
import type { DeliveryInFlight } from './delivery-in-flight.js';
import { EventContext } from './event-context.js';
import { nameOf } from './event-name.js';
import type { HandlerRegistry } from './handler.js';
import type { Logger } from './logger.js';
import type { EventCode, RequestCode } from './outcome.js';
import { isEvent } from './payload.js';
import { createProgress, type DeliveryProgress } from './progress.js';
import { runHandlers } from './run-handlers.js';
import type { Awaitable } from './secret-store.js';

/** How one try of one event went. */
export interface EventReport {
  readonly code: EventCode;
  readonly delivery: { readonly hookId: string; readonly id: string };
  readonly name: string;
  readonly attempt: number;
  readonly startedAt: number;
  readonly error: unknown;
}

/** What inline handling needs of its receiver. */
export interface InlineParts {
  readonly handlers: HandlerRegistry;
  readonly logger: Logger;
  readonly now: () => number;
  readonly report: (event: EventReport) => void;
  /** Told of handlers that run on after the answer, so that `idle` and `close` can wait for them. */
  readonly runsOn: (work: Promise<unknown>) => void;
}

/** Runs the handlers before the answer: event by event, in the order of the delivery. */
export type HandleInline = (
  delivery: DeliveryInFlight,
  entries: readonly unknown[],
  deadline: Deadline,
) => Promise<RequestCode>;

export function createInlineHandling(parts: InlineParts): HandleInline {
  const progress = createProgress(parts.now);

  return async function handleInline(delivery, entries, deadline) {
    if (entries.length === 0) return await handleHeartbeat(parts, delivery, deadline);

    const soFar = progress.begin(delivery, entries);
    let verdict: RequestCode = 'delivery_handled';
    for (const index of soFar.order()) {
      const handling = handleEntry(parts, { delivery, index, soFar, deadline }, entries[index]);
      const code = typeof handling === 'string' ? handling : await handling;
      if (code === 'event_timed_out') verdict = 'deadline_exceeded';
      else if (code === 'event_failed' && verdict === 'delivery_handled') verdict = 'handler_failed';
    }
    soFar.end();
    return verdict;
  };
}

interface Place {
  readonly delivery: DeliveryInFlight;
  readonly index: number;
  readonly soFar: DeliveryProgress;
  readonly deadline: Deadline;
}

function handleEntry(parts: InlineParts, place: Place, entry: unknown): Awaitable<EventCode> {
  const { delivery, index, soFar, deadline } = place;
  const startedAt = performance.now();
  const name = isEvent(entry) ? nameOf(entry) : 'unknown';
  const attempt = soFar.failures(index) + 1;

  const report = (code: EventCode, error?: unknown): EventCode => {
    parts.report({ code, delivery, name, attempt, startedAt, error });
    return code;
  };
  const succeed = (code: EventCode): EventCode => {
    soFar.succeed(index);
    return report(code);
  };
  const fail = (code: EventCode, error: unknown): EventCode =>
    report(soFar.fail(index) === 'given_up' ? 'event_given_up' : code, error);

  if (!isEvent(entry)) return succeed('event_malformed');
  if (soFar.isDone(index)) return report('event_duplicate');
  const handlers = parts.handlers.matching(name);
  if (handlers.length === 0) return succeed('event_unhandled');
  // Not tried, but its 12 hours run: else events that all take too long would be given up one after the other, too late.
  if (deadline.passed)
    return report(soFar.postpone(index) === 'given_up' ? 'event_given_up' : 'event_timed_out');

  try {
    const context = new EventContext(delivery, index, attempt, deadline, parts.logger);
    const running = runHandlers(handlers, entry, context);
    if (running === undefined) return succeed('event_handled');
    return deadline.within(running).then(
      () => succeed('event_handled'),
      (error: unknown) => {
        if (!deadline.rejectedWith(error)) return fail('event_failed', error);
        parts.runsOn(
          running.then(
            () => succeed('event_handled'),
            (late) => report('event_failed', late),
          ),
        );
        return fail('event_timed_out', error);
      },
    );
  } catch (error) {
    return fail('event_failed', error);
  }
}

/** A handler that fails on a heartbeat must not end the webhook that the heartbeat keeps alive: the answer is 200. */
async function handleHeartbeat(
  parts: InlineParts,
  delivery: DeliveryInFlight,
  deadline: Deadline,
): Promise<RequestCode> {
  const handlers = parts.handlers.matching('heartbeat');
  const startedAt = performance.now();
  let running: Promise<void> | undefined;
  try {
    const context = new EventContext(delivery, 0, 1, deadline, parts.logger);
    running = runHandlers(handlers, undefined, context);
    if (running !== undefined) await deadline.within(running);
  } catch (error) {
    if (running !== undefined && deadline.rejectedWith(error)) parts.runsOn(running);
    parts.report({ code: 'event_failed', delivery, name: 'heartbeat', attempt: 1, startedAt, error });
  }
  return 'heartbeat';
}
