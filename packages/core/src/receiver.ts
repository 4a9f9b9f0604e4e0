import { setImmediate } from 'node:timers/promises';
import { createActivity } from './activity.js';
import { createDeliveries } from './delivery.js';
import { type EventName, hasKnownAction } from './event-name.js';
import { Exchange } from './exchange.js';
import { fromStore } from './from-store.js';
import { type AnyHandler, createHandlerRegistry, type Handler } from './handler.js';
import { createHandshakes } from './handshake.js';
import {
  type ExpectHandshakeOptions,
  type HandshakeWindow,
  openHandshakeWindow,
} from './handshake-window.js';
import { assertHookId } from './hook-id.js';
import { HookshakeError } from './hookshake-error.js';
import type { HookRequest, HookResponse } from './http.js';
import { createInboxHandling } from './inbox-handling.js';
import { createInboxWork, type StartOptions } from './inbox-work.js';
import { createInlineHandling } from './inline.js';
import { createNotice } from './notices.js';
import { createObservers } from './observers.js';
import { assertNoOthers, assertWithin } from './option-checks.js';
import { type Outcome, type RequestCode, requestOutcomes } from './outcome.js';
import { readHookId } from './read-request.js';
import { assertOneSecret, type ReceiverOptions, readReceiverOptions } from './receiver-options.js';
import { createReports } from './reports.js';
import { codeOfFailure, responseFor } from './respond.js';
import type { Awaitable } from './secret-store.js';
import { settlesWithin } from './settles-within.js';

/** Receives Asana's webhooks: made by {@link createReceiver}, fed by an adapter. */
export interface Receiver {
  /**
   * Registers a handler; all handlers that match an event run in order of registration.
   *
   * @throws {@link HookshakeError} `invalid_event_name`; `handler_too_late` once a delivery has come or {@link start} was called.
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

  /**
   * Forgets all secrets of a hook and its window, or the one secret of a webhook. It stops verifying at once.
   *
   * @throws {@link HookshakeError} `invalid_hook_id`, `invalid_option`, `receiver_closed`, `store_failed`.
   */
  forget(hookId: string, which?: { readonly webhook: string } | { readonly secret: string }): Promise<void>;

  /**
   * Calls the listener with the outcome of every request and every event: for logs, metrics and traces. What it throws
   * changes nothing.
   *
   * @returns Ends the observation.
   */
  observe(listener: (outcome: Outcome) => void): () => void;

  /**
   * Starts to handle what the inbox holds, in this process; call it after the handlers are registered, and register the
   * same ones in every process that calls it: an event that no handler is registered for counts as done. Without an inbox
   * there is nothing to start, and it changes nothing. Calling it again is no error; the first call's options count.
   *
   * @throws {@link HookshakeError} `invalid_option`, `receiver_closed`, `no_handlers`; and whatever the inbox throws, after
   * which it may be called again.
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
   * A worker takes nothing new; what it did not finish is in the inbox, which gets 5 seconds more to take that back.
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
  const reports = createReports(notice, observers, inbox !== undefined);
  const handlers = createHandlerRegistry();
  const activity = createActivity(settings.answerWithinMs);
  const takeHandshake = createHandshakes(secrets, settings.handshakes);
  const withInbox = inbox && createInboxHandling(inbox, handlers, notice);
  const handleDelivery =
    withInbox?.keep ??
    createInlineHandling({
      handlers,
      logger,
      now,
      report: reports.event,
      isObserved: () => observers.any,
      runsOn: activity.runsOn,
    });
  let handled = false;
  const deliveries = createDeliveries(secrets, settings.maxBodyBytes, (delivery, deadline) => {
    handled = true;
    return handleDelivery(delivery, deadline);
  });
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

  async function receive(request: HookRequest): Promise<HookResponse> {
    const exchange = new Exchange(activity.begin(), now());
    let code: RequestCode;
    try {
      code = await judge(request, exchange);
    } catch (error) {
      code = codeOfFailure(error);
      exchange.error = error;
    } finally {
      activity.end(exchange.deadline);
    }
    // Nobody is to blame for what did not get its time.
    if (exchange.deadline.wasCutShort && requestOutcomes[code].status === 503) code = 'closing';
    reports.request(code, exchange);
    return responseFor(code, exchange.echo);
  }

  function judge(request: HookRequest, exchange: Exchange): Awaitable<RequestCode> {
    if (closed !== undefined) return 'closing';
    if (request.method !== 'POST') return 'method_not_allowed';
    exchange.hookId = readHookId(request);

    const secret = request.header('x-hook-secret');
    if (secret !== undefined) return takeHandshake(request, exchange, secret);
    return deliveries.take(request, exchange);
  }

  async function drain(withinMs: number): Promise<void> {
    await settlesWithin(activity.idle(), withinMs);
    activity.abort();
    await setImmediate();
  }

  /** A worker that fails to stop must not have the store closed under what is still being answered. */
  async function shutDown(withinMs: number): Promise<void> {
    const stopping = Promise.resolve(withInbox?.stop(withinMs));
    try {
      await Promise.allSettled([drain(withinMs), stopping]);
      await stopping;
    } finally {
      await settings.close();
    }
  }

  function assertOpen(): void {
    if (closed === undefined) return;
    throw new HookshakeError('receiver_closed', 'The receiver is closed. Create a new one');
  }

  /** A worker without any would take what others have handlers for, and drop it. */
  function assertHandlers(): void {
    if (handlers.any) return;
    throw new HookshakeError(
      'no_handlers',
      'start() works the inbox, and this receiver has no handlers for what is in it. Register them before, or leave out ' +
        'start() in a process that only receives',
    );
  }

  const receiver: Receiver = {
    on(name, handler) {
      if (handled) {
        throw new HookshakeError(
          'handler_too_late',
          `A delivery has been handled, or start() was called, without this handler for '${name}'. Register handlers ` +
            'before the server listens and before start()',
        );
      }
      handlers.add(name, handler as AnyHandler);
      if (!hasKnownAction(name)) {
        notice(
          'warn',
          'event_name_unknown',
          name,
          `a handler waits for '${name}', and nothing that Asana is known to send is called so: its actions are added, ` +
            'changed, deleted, removed and undeleted',
        );
      }
      return receiver;
    },

    async expectHandshake(hookId, windowOptions) {
      assertOpen();
      return await openHandshakeWindow(secrets, hookId, windowOptions);
    },

    async forget(hookId, which) {
      assertOpen();
      assertHookId(hookId);
      assertOneSecret(which);
      await fromStore(() => secrets.forget(hookId, which));
      deliveries.forgotten();
    },

    observe: (listener) => observers.add(listener),
    receive,

    async start(startOptions) {
      assertOpen();
      const work = createInboxWork({ handlers, logger, notice, report: reports.event }, startOptions);
      if (withInbox === undefined) return;
      assertHandlers();
      handled = true;
      await withInbox.start(work);
    },

    async idle() {
      await activity.idle();
      await withInbox?.idle();
    },

    async close({ withinMs = 10_000, ...unknown } = {}) {
      assertNoOthers(unknown, 'close()');
      assertWithin('withinMs', withinMs, 600_000);
      closed ??= shutDown(withinMs);
      await closed;
    },
  };
  return receiver;
}
