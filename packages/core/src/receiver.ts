import { setImmediate, setTimeout } from 'node:timers/promises';
import { createActivity } from './activity.js';
import { Deadline } from './deadline.js';
import { createDeliveryVerifier } from './delivery.js';
import { DeliveryInFlight } from './delivery-in-flight.js';
import { describeFailure } from './describe-failure.js';
import type { EventName } from './event-name.js';
import { fromStore } from './from-store.js';
import { type AnyHandler, createHandlerRegistry, type Handler } from './handler.js';
import { createHandshakes } from './handshake.js';
import {
  type ExpectHandshakeOptions,
  type HandshakeWindow,
  openHandshakeWindow,
} from './handshake-window.js';
import { isHookId } from './hook-id.js';
import { HookshakeError, isHookshakeError } from './hookshake-error.js';
import type { HookRequest, HookResponse } from './http.js';
import type { Inbox, InboxWorker } from './inbox.js';
import { createInboxWork, type StartOptions } from './inbox-work.js';
import { createInlineHandling, type EventTry } from './inline.js';
import { createNotice } from './notices.js';
import { createObservers } from './observers.js';
import { type EventCode, type Outcome, type RequestCode, requestOutcomes } from './outcome.js';
import { readEntries } from './payload.js';
import { assertWithin, type ReceiverOptions, readReceiverOptions } from './receiver-options.js';
import { remedies } from './remedies.js';
import { responseFor } from './respond.js';

/** Deliveries that are handled at once; more get 503. */
const MAX_HANDLING = 1_000;

/** How often `idle` looks into the inbox. */
const IDLE_POLL_MS = 10;

/** Receives Asana's webhooks: made by {@link createReceiver}, fed by an adapter. */
export interface Receiver {
  /**
   * Registers a handler; all handlers that match an event run in order of registration.
   *
   * @throws {@link HookshakeError} `invalid_event_name`; `handler_too_late` once a delivery has come.
   * @example
   * ```ts
   * receiver.on('task.changed.assignee', async (event, { eventKey }) => {
   *   await notify(event.resource.gid, event.change.new_value?.gid, eventKey);
   * });
   * ```
   */
  on<Name extends EventName>(name: Name, handler: Handler<Name>): this;

  /**
   * Announces one handshake of one hook. Call it before `POST /webhooks`.
   *
   * @throws {@link HookshakeError} `window_already_open`, `invalid_hook_id`, `invalid_option`, `store_failed`.
   */
  expectHandshake(hookId: string, options?: ExpectHandshakeOptions): Promise<HandshakeWindow>;

  /** Forgets all secrets of a hook and its window, or the one secret of a webhook. It stops verifying at once. */
  forget(hookId: string, which?: { readonly webhook: string } | { readonly secret: string }): Promise<void>;

  /**
   * Calls the listener with the outcome of every request and every event: for logs, metrics and traces. What it throws
   * changes nothing.
   *
   * @returns Ends the observation.
   */
  observe(listener: (outcome: Outcome) => void): () => void;

  /**
   * Starts to handle what the inbox holds, in this process; call it after the handlers are registered. Without an inbox
   * there is nothing to start, and it changes nothing. Calling it again is no error; the first call's options count.
   *
   * @throws {@link HookshakeError} `invalid_option`, `receiver_closed`; and whatever the inbox throws, after which it may be
   * called again.
   */
  start(options?: StartOptions): Promise<void>;

  /** What adapters call. Never rejects. */
  receive(request: HookRequest): Promise<HookResponse>;

  /**
   * Resolves once all that was received has been handled; with an inbox that was started, all that it holds, what waits
   * for its next try included. For tests.
   */
  idle(): Promise<void>;

  /**
   * Shuts down: from now on every request gets 503 with Retry-After, what is being handled may finish, then the store is
   * closed if the receiver owns it. Call it before you close the HTTP server, so that Asana gets an answer.
   *
   * A worker takes nothing new; what it did not finish is in the inbox.
   *
   * @param options - `withinMs`: how long handlers may take to finish, in milliseconds, 1 to 600000, 10000 unless told;
   * after that their signals are aborted and their deliveries are answered 503.
   */
  close(options?: { readonly withinMs?: number | undefined }): Promise<void>;
}

/**
 * Creates a receiver.
 *
 * @throws {@link HookshakeError} `invalid_option`, with the option's name.
 * @example
 * ```ts
 * const receiver = createReceiver({ secrets: memorySecrets() });
 * receiver.on('task.changed', (event) => console.log(event.resource.gid));
 * ```
 */
export function createReceiver(options: ReceiverOptions): Receiver {
  const settings = readReceiverOptions(options);
  const { secrets, inbox, logger, now } = settings;
  const notice = createNotice(logger, now);
  const observers = createObservers(() =>
    notice('error', 'observer_failed', '', 'a listener of observe() threw; nothing else was changed by it'),
  );
  const handlers = createHandlerRegistry();
  const activity = createActivity();
  const takeHandshake = createHandshakes(secrets, settings.handshakes);
  const verifier = createDeliveryVerifier(secrets, settings.maxBodyBytes);
  const handleInline = createInlineHandling({
    handlers,
    logger,
    now,
    report: reportEvent,
    runsOn: activity.runsOn,
  });
  let handling = 0;
  let handled = false;
  let worker: Promise<InboxWorker> | undefined;
  let closed: Promise<void> | undefined;

  if (secrets.durability === 'none') {
    notice(
      'warn',
      'secrets_in_memory',
      '',
      'memorySecrets() forgets every secret when the process ends, and Asana never repeats one. Use a store that ' +
        "lasts before you create webhooks that matter, such as sqlite('hooks.db') of @hookshake/sqlite",
    );
  }

  if (inbox?.durability === 'none') {
    notice(
      'warn',
      'inbox_in_memory',
      '',
      'memoryInbox() forgets what it holds when the process ends, though Asana was told that all is well. Use one that ' +
        "lasts, such as sqlite('hooks.db') of @hookshake/sqlite, or none",
    );
  }

  async function receive(request: HookRequest): Promise<HookResponse> {
    const exchange = new Exchange(settings.answerWithinMs, now());
    activity.begin(exchange.deadline);
    let code: RequestCode;
    try {
      code = await judge(request, exchange);
    } catch (error) {
      code =
        isHookshakeError(error) && error.code in requestOutcomes
          ? (error.code as RequestCode)
          : 'internal_error';
      exchange.error = error;
    } finally {
      exchange.deadline.clear();
      activity.end(exchange.deadline);
    }
    reportRequest(code, exchange);
    return responseFor(code, exchange.echo);
  }

  async function judge(request: HookRequest, exchange: Exchange): Promise<RequestCode> {
    if (closed !== undefined) return 'closing';
    if (request.method !== 'POST') return 'method_not_allowed';
    exchange.hookId = readHookId(request);

    const secret = request.header('x-hook-secret');
    if (secret !== undefined) return await judgeHandshake(request, secret, exchange);
    return await judgeDelivery(request, exchange);
  }

  async function judgeHandshake(
    request: HookRequest,
    secret: string,
    exchange: Exchange,
  ): Promise<RequestCode> {
    const code = await takeHandshake(exchange.hookId, secret, request, exchange.deadline);
    if (code === 'handshake_accepted' || code === 'handshake_known') exchange.echo = secret;
    return code;
  }

  async function judgeDelivery(request: HookRequest, exchange: Exchange): Promise<RequestCode> {
    const verified = await verifier.verify(exchange.hookId, request, exchange.deadline);
    if (typeof verified === 'string') return verified;

    const { hookId, body, confirmed } = verified;
    const delivery = new DeliveryInFlight(hookId, body, exchange.receivedAtMs, traceparentOf(request));
    if (inbox !== undefined && confirmed) return await keep(delivery, inbox, exchange);
    const entries = readEntries(body);
    // Perhaps a stranger's: it proves that deliveries arrive, and no handler hears of it.
    if (!confirmed) return entries?.length === 0 ? 'heartbeat' : 'not_confirmed';
    if (entries === undefined) return 'delivery_unreadable';
    if (handling >= MAX_HANDLING) return 'overloaded';

    exchange.delivery = delivery;
    handled = true;
    handling++;
    try {
      return await handleInline(delivery, entries, exchange.deadline);
    } finally {
      handling--;
    }
  }

  /** Nothing is parsed before the answer: what it is, the worker finds out. */
  async function keep(delivery: DeliveryInFlight, to: Inbox, exchange: Exchange): Promise<RequestCode> {
    if (handling >= MAX_HANDLING) return 'overloaded';
    exchange.delivery = delivery;
    handled = true;
    if (worker === undefined && handlers.any) {
      notice(
        'warn',
        'inbox_not_started',
        '',
        'deliveries are kept, but no handler runs in this process. Call  await receiver.start()  after registering them',
      );
    }
    handling++;
    try {
      const { id, hookId, receivedAtMs, body, traceparent } = delivery;
      await exchange.deadline.within(to.append({ id, hookId, receivedAtMs, body, traceparent }));
      return 'delivery_stored';
    } catch (cause) {
      if (isHookshakeError(cause, 'inbox_full')) throw cause;
      throw new HookshakeError('inbox_failed', 'The inbox did not keep the delivery', { cause });
    } finally {
      handling--;
    }
  }

  function reportRequest(code: RequestCode, { hookId, delivery, deadline, error }: Exchange): void {
    const remedy = remedies[code];
    if (remedy !== undefined) notice(remedy.level, code, hookId ?? '', remedy.line(hookId));
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
  }

  function reportEvent(code: EventCode, event: EventTry, error?: unknown): void {
    tellOfFailure(code, event, error);
    if (!observers.any) return;
    const { delivery, name, attempt, startedAt } = event;
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
  }

  function tellOfFailure(code: EventCode, { delivery, name, attempt }: EventTry, error: unknown): void {
    const { hookId } = delivery;
    if (code === 'event_failed') {
      notice(
        'error',
        code,
        `${hookId} ${name}`,
        `a handler of '${name}' ${describeFailure(error)}; the event comes again`,
      );
    }
    if (code === 'event_timed_out' && inbox !== undefined) {
      notice(
        'error',
        code,
        `${hookId} ${name}`,
        `the handlers of '${name}' took longer than handlerTimeoutMs; the event is tried again`,
      );
    }
    if (code === 'event_given_up') {
      notice(
        'error',
        code,
        `${hookId} ${name}`,
        inbox === undefined
          ? `an event '${name}' has failed for 12 hours and was given up, so that ` +
              `Asana does not delete the webhook: its handler ${describeFailure(error)}`
          : `an event '${name}' failed ${attempt} times and was given up: its handler ${describeFailure(error)}. It ` +
              'waits in inbox.failed() for retry() or discard()',
      );
    }
  }

  async function drain(withinMs: number): Promise<void> {
    const timeUp = new AbortController();
    await Promise.race([activity.idle(), setTimeout(withinMs, undefined, { signal: timeUp.signal })]);
    timeUp.abort();
    activity.abort();
    await setImmediate();
  }

  /** A worker that could not be started has nothing to stop; `start` told why. */
  async function stopWorker(withinMs: number): Promise<void> {
    const started = await worker?.catch(() => undefined);
    await started?.stop(withinMs);
  }

  async function shutDown(withinMs: number): Promise<void> {
    try {
      await Promise.all([drain(withinMs), stopWorker(withinMs)]);
    } finally {
      await settings.close();
    }
  }

  async function idle(): Promise<void> {
    await activity.idle();
    while (inbox !== undefined && worker !== undefined && closed === undefined) {
      const { waiting, running } = await inbox.stats();
      if (waiting + running === 0) return;
      await setTimeout(IDLE_POLL_MS);
    }
  }

  function assertOpen(): void {
    if (closed === undefined) return;
    throw new HookshakeError('receiver_closed', 'The receiver is closed. Create a new one');
  }

  const receiver: Receiver = {
    on(name, handler) {
      if (handled) {
        throw new HookshakeError(
          'handler_too_late',
          `A delivery has been handled already without this handler for '${name}'. Register handlers before the ` +
            'server listens',
        );
      }
      handlers.add(name, handler as AnyHandler);
      return receiver;
    },

    async expectHandshake(hookId, windowOptions) {
      assertOpen();
      return await openHandshakeWindow(secrets, hookId, windowOptions);
    },

    async forget(hookId, which) {
      assertOpen();
      assertOneSecret(which);
      await fromStore(() => secrets.forget(hookId, which));
      verifier.forgotten();
    },

    observe: (listener) => observers.add(listener),
    receive,
    idle,

    async start(startOptions) {
      assertOpen();
      const work = createInboxWork(
        {
          handlers,
          logger,
          report: reportEvent,
          parked: (hookId) =>
            notice(
              'error',
              'delivery_parked',
              hookId,
              `a delivery for the hook '${hookId}' is genuine but unreadable; it waits in inbox.parked()`,
            ),
          troubled: (error) =>
            notice(
              'error',
              'inbox_work_failed',
              '',
              `the worker cannot use its inbox: it ${describeFailure(error)}. Nothing is lost, and it goes on trying`,
            ),
        },
        startOptions,
      );
      if (inbox === undefined) return;
      handled = true;
      worker ??= inbox.consume(work).catch((error: unknown) => {
        // The inbox may be in reach when `start` is called again.
        worker = undefined;
        throw error;
      });
      await worker;
    },

    close({ withinMs = 10_000 } = {}) {
      assertWithin('withinMs', withinMs, 600_000);
      closed ??= shutDown(withinMs);
      return closed;
    },
  };
  return receiver;
}

/** A missing gid must not read as "all secrets that have none". */
function assertOneSecret(which: object | null | undefined): void {
  if (which === undefined) return;
  const [[name, value] = [], ...others] = Object.entries(which ?? {});
  if ((name === 'webhook' || name === 'secret') && typeof value === 'string' && others.length === 0) return;
  throw new HookshakeError(
    'invalid_option',
    'Pass forget() nothing else than one { webhook } or one { secret }, as text',
  );
}

/** One request and what is learned of it on its way. */
class Exchange {
  readonly deadline: Deadline;
  readonly receivedAtMs: number;
  hookId: string | undefined;
  delivery: DeliveryInFlight | undefined;
  echo: string | undefined;
  error: unknown;

  constructor(answerWithinMs: number, receivedAtMs: number) {
    this.deadline = new Deadline(answerWithinMs);
    this.receivedAtMs = receivedAtMs;
  }
}

/** A trace context of W3C's first version, as tracing agents and proxies add it. */
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

function traceparentOf(request: HookRequest): string | undefined {
  const header = request.header('traceparent');
  return header !== undefined && TRACEPARENT.test(header) ? header : undefined;
}

function readHookId(request: HookRequest): string | undefined {
  try {
    const { hookId } = request;
    return hookId !== undefined && isHookId(hookId) ? hookId : undefined;
  } catch (cause) {
    if (isHookshakeError(cause)) throw cause;
    throw new HookshakeError('hook_id_failed', 'The `hookId` function threw', { cause });
  }
}
