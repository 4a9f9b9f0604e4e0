/** How a request ended. `docs/errors.md` has one row for each. */
export type RequestCode =
  | 'handshake_accepted'
  | 'handshake_known'
  | 'delivery_handled'
  | 'delivery_stored'
  | 'heartbeat'
  | 'delivery_unreadable'
  | 'handshake_malformed'
  | 'handshake_refused'
  | 'handshake_full'
  | 'signature_malformed'
  | 'signature_mismatch'
  | 'unknown_hook'
  | 'method_not_allowed'
  | 'body_too_large'
  | 'body_stalled'
  | 'body_aborted'
  | 'body_consumed'
  | 'mount_ambiguous'
  | 'hook_id_failed'
  | 'handler_failed'
  | 'internal_error'
  | 'closing'
  | 'deadline_exceeded'
  | 'handshake_rule_failed'
  | 'inbox_failed'
  | 'inbox_full'
  | 'not_confirmed'
  | 'overloaded'
  | 'store_failed';

/** One row of the table below. */
interface Row {
  /** The HTTP status. Asana takes only 200 and 204 for success, and repeats what got anything else. */
  readonly status: 200 | 400 | 401 | 403 | 405 | 408 | 413 | 500 | 503;
  /**
   * What the sender is told besides the code. Asana shows it to the owner of the webhook as `last_failure_content`, and
   * anyone on the internet can provoke it, so it is fixed and says nothing about secrets, hooks or handlers.
   */
  readonly answer: string;
}

const notVerified = 'not_verified: the signature does not prove this delivery genuine';

/** Every way a request can end: code, status, and the fixed text that is answered. */
export const requestOutcomes: Readonly<Record<RequestCode, Row>> = {
  handshake_accepted: { status: 200, answer: '' },
  handshake_known: { status: 200, answer: '' },
  delivery_handled: { status: 200, answer: '' },
  delivery_stored: { status: 200, answer: '' },
  heartbeat: { status: 200, answer: '' },
  delivery_unreadable: { status: 200, answer: '' },

  handshake_malformed: {
    status: 400,
    answer: 'handshake_malformed: X-Hook-Secret must be 1 to 256 visible ASCII characters',
  },
  handshake_refused: { status: 403, answer: 'handshake_refused: no handshake is expected here' },
  handshake_full: { status: 403, answer: 'handshake_full: this hook holds as many secrets as it may' },
  signature_malformed: { status: 401, answer: notVerified },
  signature_mismatch: { status: 401, answer: notVerified },
  unknown_hook: { status: 401, answer: notVerified },
  method_not_allowed: { status: 405, answer: 'method_not_allowed: a webhook target takes POST' },
  body_too_large: { status: 413, answer: 'body_too_large: the body is over the limit' },
  body_stalled: { status: 408, answer: 'body_stalled: the body did not arrive in time' },
  body_aborted: { status: 400, answer: 'body_aborted: the body ended early' },

  body_consumed: { status: 500, answer: 'body_consumed: another middleware read the body first' },
  mount_ambiguous: { status: 500, answer: 'mount_ambiguous: the route does not tell which hook this is' },
  hook_id_failed: { status: 500, answer: 'hook_id_failed: the hook id could not be told' },
  handler_failed: { status: 500, answer: 'handler_failed: a handler failed; send it again' },
  internal_error: { status: 500, answer: 'internal_error: something unforeseen went wrong; send it again' },

  closing: { status: 503, answer: 'closing: the receiver is shutting down; send it again' },
  deadline_exceeded: { status: 503, answer: 'deadline_exceeded: it took too long; send it again' },
  handshake_rule_failed: { status: 503, answer: 'handshake_rule_failed: the handshake could not be judged' },
  inbox_failed: { status: 503, answer: 'inbox_failed: the delivery could not be kept; send it again' },
  inbox_full: { status: 503, answer: 'inbox_full: too much waits to be handled; send it again' },
  not_confirmed: { status: 503, answer: 'not_confirmed: the webhook is not confirmed yet; send it again' },
  overloaded: { status: 503, answer: 'overloaded: too much is in flight; send it again' },
  store_failed: { status: 503, answer: 'store_failed: the secrets are out of reach; send it again' },
};

/**
 * How an event ended.
 * - `event_handled`: all its handlers ran.
 * - `event_unhandled`: no handler is registered for it here; if another worker took the delivery apart and had one, the
 *   event is tried again.
 * - `event_duplicate`: it had been handled before, so it was skipped.
 * - `event_malformed`: the entry is no event object, or with an inbox nested too deeply to be kept; nothing could be done
 *   with it.
 * - `event_failed`: a handler threw or rejected; the event comes again.
 * - `event_timed_out`: its handlers did not settle before the answer was due; the event comes again.
 * - `event_given_up`: it has failed for 12 hours, or with an inbox too often, and will not be tried again by itself.
 */
export type EventCode =
  | 'event_handled'
  | 'event_unhandled'
  | 'event_duplicate'
  | 'event_malformed'
  | 'event_failed'
  | 'event_timed_out'
  | 'event_given_up';

/** What became of one request. */
export interface RequestOutcome {
  readonly kind: 'request';
  readonly code: RequestCode;
  /** The HTTP status that was answered. */
  readonly status: number;
  /** `undefined` where the path named no hook or was not looked at. */
  readonly hookId: string | undefined;
  /** The id that the handlers of this delivery saw; `undefined` unless the delivery verified. */
  readonly deliveryId: string | undefined;
  /** From the request's headers to the answer, in milliseconds. */
  readonly durationMs: number;
  /** What went wrong underneath: a store's error, for example. It is yours; nothing of it was answered or logged. */
  readonly error: unknown;
}

/** What became of one event of a delivery. */
export interface EventOutcome {
  readonly kind: 'event';
  readonly code: EventCode;
  readonly hookId: string;
  readonly deliveryId: string;
  /** The event's most specific name, such as `task.changed.assignee`; `unknown` for a malformed entry. */
  readonly name: string;
  /** 1 for the first try that this process, or with an inbox any, makes. */
  readonly attempt: number;
  /** How long its handlers ran, in milliseconds. */
  readonly durationMs: number;
  /** What the handler threw. It is yours; nothing of it was answered or logged. */
  readonly error: unknown;
}

/** What became of one request or one event; told apart by `kind` and `code`. */
export type Outcome = RequestOutcome | EventOutcome;
