import { describeFailure, remedyIn } from './describe-failure.js';
import type { Exchange } from './exchange.js';
import { WORKER_DIED } from './inbox.js';
import type { Notice } from './notices.js';
import type { Observers } from './observers.js';
import { type EventCode, type RequestCode, requestOutcomes } from './outcome.js';
import { remedies } from './remedies.js';

/** One try of one event. */
export interface EventTry {
  readonly delivery: { readonly hookId: string; readonly id: string };
  readonly name: string;
  readonly attempt: number;
  /** By `performance.now()`. */
  readonly startedAt: number;
}

/** Told how a try went. */
export type ReportEvent = (code: EventCode, event: EventTry, error?: unknown) => void;

/** Tells those who observe what became of each request and event, and the terminal of what needs somebody. */
export interface Reports {
  readonly request: (code: RequestCode, exchange: Exchange) => void;
  readonly event: ReportEvent;
}

export function createReports(notice: Notice, observers: Observers, hasInbox: boolean): Reports {
  return {
    request(code, { hookId, delivery, deadline, error }) {
      const remedy = remedies[code];
      if (remedy !== undefined) {
        const why = remedyIn(error) ?? 'receiver.observe() has the error: outcome.error, or its cause';
        notice(remedy.level, code, hookId ?? '', remedy.line(hookId, why));
      }
      if (!observers.any) return;
      observers.tell({
        kind: 'request',
        code,
        status: requestOutcomes[code].status,
        hookId,
        deliveryId: delivery?.id,
        durationMs: deadline.elapsedMs,
        error,
      });
    },

    event(code, { delivery, name, attempt, startedAt }, error) {
      const line = lineOf(code, name, attempt, error, hasInbox);
      if (line !== undefined) notice('error', code, `${delivery.hookId} ${name}`, line);
      if (!observers.any) return;
      observers.tell({
        kind: 'event',
        code,
        hookId: delivery.hookId,
        deliveryId: delivery.id,
        name,
        attempt,
        durationMs: performance.now() - startedAt,
        error,
      });
    },
  };
}

/** What the terminal says of a try that failed; `undefined` where it says nothing. */
function lineOf(
  code: EventCode,
  name: string,
  attempt: number,
  error: unknown,
  hasInbox: boolean,
): string | undefined {
  // It keeps the webhook alive, so it was answered 200 whatever its handlers did.
  if (name === 'heartbeat' && !hasInbox) {
    if (code === 'event_failed')
      return `a handler of 'heartbeat' ${describeFailure(error)}; it is not called again for it`;
    if (code === 'event_timed_out')
      return "a handler of 'heartbeat' was still at work when the answer was due";
  }
  if (code === 'event_failed')
    return (
      `a handler of '${name}' ${describeFailure(error)}; the event comes again. receiver.observe() has the error, and ` +
      'those of its next tries'
    );
  // Without an inbox, the answer's own code tells of it.
  if (code === 'event_timed_out' && hasInbox) {
    return `the handlers of '${name}' took longer than handlerTimeoutMs; the event is tried again`;
  }
  if (code !== 'event_given_up') return undefined;
  if (hasInbox) {
    const why =
      error === undefined
        ? `was given up: ${WORKER_DIED}`
        : `failed ${attempt} times and was given up: its handler ${describeFailure(error)}`;
    return `an event '${name}' ${why}. It waits in inbox.failed() for retry() or discard()`;
  }
  const why = error === undefined ? 'others left it no time' : `its handler ${describeFailure(error)}`;
  return `an event '${name}' has failed for 12 hours and was given up, so that Asana does not delete the webhook: ${why}`;
}
