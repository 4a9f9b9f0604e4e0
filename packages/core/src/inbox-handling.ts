import { setTimeout } from 'node:timers/promises';
import type { HandleDelivery } from './delivery.js';
import type { HandlerRegistry } from './handler.js';
import { HookshakeError, isHookshakeError } from './hookshake-error.js';
import type { Inbox, InboxWork, InboxWorker } from './inbox.js';
import { createInboxWatch } from './inbox-watch.js';
import type { Notice } from './notices.js';
import { settlesWithin } from './settles-within.js';

/** How often `idle` looks into the inbox. */
const IDLE_POLL_MS = 10;
/** How long an inbox may take to take back what its worker did not finish, in milliseconds. */
const GRACE_MS = 5_000;

/** What a receiver does with deliveries when it has an inbox. */
export interface InboxHandling {
  /** Appends a delivery as it came. Nothing is parsed before the answer: what it is, the worker finds out. */
  readonly keep: HandleDelivery;
  /** Starts a worker in this process, if there is none. */
  start(work: InboxWork): Promise<void>;
  /** Resolves when the inbox is empty, or nothing in this process empties it. */
  idle(): Promise<void>;
  stop(withinMs: number): Promise<void>;
}

export function createInboxHandling(inbox: Inbox, handlers: HandlerRegistry, notice: Notice): InboxHandling {
  let worker: Promise<InboxWorker> | undefined;
  let stopped = false;
  const watch = createInboxWatch(inbox, notice);

  if (inbox.durability === 'none') {
    notice(
      'warn',
      'inbox_in_memory',
      '',
      'memoryInbox() forgets what it holds when the process ends, though Asana was told that all is well. Use one that ' +
        "lasts, such as sqlite('hooks.db') of @hookshake/sqlite, or none",
    );
  }

  return {
    async keep({ id, hookId, receivedAtMs, body, traceparent }, deadline) {
      if (worker === undefined && handlers.any) {
        notice(
          'warn',
          'inbox_not_started',
          '',
          'deliveries are kept, but no handler runs in this process. Unless another one works the inbox, call  await ' +
            'receiver.start()  after registering them',
        );
      }
      try {
        await deadline.within(inbox.append({ id, hookId, receivedAtMs, body, traceparent }));
        watch.begin();
        return 'delivery_stored';
      } catch (cause) {
        if (isHookshakeError(cause, 'inbox_full')) throw cause;
        // It was uploaded while the receiver closed, and the inbox is closed by now.
        if (stopped) return 'closing';
        throw new HookshakeError('inbox_failed', 'The inbox did not keep the delivery', { cause });
      }
    },

    async start(work) {
      worker ??= inbox.consume(work).catch((error: unknown) => {
        // The inbox may be in reach when `start` is called again.
        worker = undefined;
        throw error;
      });
      await worker;
    },

    async idle() {
      while (worker !== undefined && !stopped) {
        const { waiting, running } = await inbox.stats();
        if (waiting + running === 0) return;
        await setTimeout(IDLE_POLL_MS);
      }
    },

    async stop(withinMs) {
      stopped = true;
      watch.stop();
      // A worker that could not be started has nothing to stop; `start` told why.
      const started = worker?.catch(() => undefined) ?? Promise.resolve(undefined);
      const stopping = started.then((one) => one?.stop(withinMs));
      if (await settlesWithin(stopping, withinMs + GRACE_MS)) return;
      notice(
        'error',
        'inbox_work_failed',
        'close',
        'the worker could not be stopped in time, since its inbox does not answer. What it held is tried again',
      );
    },
  };
}
