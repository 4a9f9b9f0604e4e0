import { deepEqual, equal, match } from 'node:assert/strict';
import {
  type Awaitable,
  createReceiver,
  type HandlerContext,
  type Inbox,
  type Receiver,
  type ReceiverOptions,
} from '@hookshake/core';
import { delivery } from './delivery.js';
import { event } from './event.js';

/** One case of {@link handlerBattery}. */
export interface HandlerCase {
  /** A sentence that is true of handlers, whatever their receiver keeps deliveries in. */
  readonly title: string;
  /**
   * Rejects, with an `AssertionError` as a rule, if it is not true here.
   *
   * @param open - Gives what a fresh receiver needs: secrets, and an inbox if there is one.
   */
  run(open: () => Awaitable<ReceiverOptions>): Promise<void>;
}

interface Bench {
  readonly receiver: Receiver;
  readonly inbox: Inbox | undefined;
  /** Delivers events, and waits until they are handled. */
  deliver(...events: readonly ReturnType<typeof event>[]): Promise<void>;
}

const SECRET = 'b537207f20cbfa02357cf448134da559';

function handlerCase(title: string, test: (bench: Bench) => Promise<void>): HandlerCase {
  return {
    title,
    async run(open) {
      const options = await open();
      await options.secrets.accept('default', SECRET, 'always');
      const receiver = createReceiver({ ...options, logger: false });
      try {
        await test({
          receiver,
          inbox: options.inbox,
          async deliver(...events) {
            const { status } = await receiver.receive(delivery(events, { secret: SECRET }));
            equal(status, 200);
            await receiver.idle();
          },
        });
      } finally {
        await receiver.close();
      }
    },
  };
}

/**
 * What handlers may count on with any inbox and with none, as data, so that any test runner can run it. Proves that an
 * inbox of your own goes with a receiver.
 *
 * @example
 * ```ts
 * for (const { title, run } of handlerBattery) test(title, () => run(() => sqlite(join(folder, randomUUID()))));
 * ```
 */
export const handlerBattery: readonly HandlerCase[] = [
  handlerCase('get each event once, however often it is delivered', async ({ receiver, deliver }) => {
    const handled: string[] = [];
    receiver.on(
      'task.changed',
      ({ resource, change }) => void handled.push(`${resource.gid} ${change?.field}`),
    );
    await receiver.start();
    const first = event('task.changed.name');
    const second = event('task.changed.completed', { resource: first.resource });
    for (const events of [[first], [first, second], [first, second]]) await deliver(...events);
    deepEqual(handled, [`${first.resource.gid} name`, `${first.resource.gid} completed`]);
  }),

  handlerCase('run in order of registration, and may be asynchronous', async ({ receiver, deliver }) => {
    const ran: string[] = [];
    receiver
      .on('*', async () => void ran.push('any'))
      .on('task.*', async () => {
        await new Promise(setImmediate);
        ran.push('task');
      })
      .on('task.changed.name', () => void ran.push('name'))
      .on('story.*', () => void ran.push('story'));
    await receiver.start();
    await deliver(event('task.changed.name'));
    deepEqual(ran, ['any', 'task', 'name']);
  }),

  handlerCase('get the event whole, and the context that goes with it', async ({ receiver, deliver }) => {
    const resource = { gid: '42', resource_type: 'task', note: 'ü\u0000💥' } as const;
    const sent = event('task.added', { resource });
    // Looked at outside of the handler: one that throws would only be tried again.
    const got: { given: unknown; context: HandlerContext; aborted: boolean }[] = [];
    receiver.on('task.added', (given, context) => {
      got.push({ given, context, aborted: context.signal.aborted });
    });
    await receiver.start();
    await deliver(sent);
    deepEqual(
      got.map(({ given, context: { hookId, attempt }, aborted }) => ({ given, hookId, attempt, aborted })),
      [{ given: sent, hookId: 'default', attempt: 1, aborted: false }],
    );
    for (const { context } of got) {
      match(context.eventKey, /^[\da-f]{64}$/);
      equal(Number.isNaN(context.receivedAt.getTime()), false);
    }
  }),

  handlerCase('hear of heartbeats and of lost events, too', async ({ receiver, deliver }) => {
    const heard: string[] = [];
    receiver
      .on('heartbeat', () => void heard.push('heartbeat'))
      .on('sync_error', () => void heard.push('sync_error'));
    await receiver.start();
    await deliver();
    await deliver(event('sync_error'));
    deepEqual(heard, ['heartbeat', 'sync_error']);
  }),

  handlerCase('leave an observer free to use the inbox', async ({ receiver, inbox, deliver }) => {
    const codes: string[] = [];
    const asked: Promise<unknown>[] = [];
    receiver.on('task.changed', () => {});
    receiver.observe(({ code }) => {
      codes.push(code);
      asked.push((async () => await inbox?.stats())());
    });
    await receiver.start();
    await deliver(event('story.added'), event('task.changed.name'));
    await Promise.all(asked);
    deepEqual(codes.filter((code) => code.startsWith('event_')).sort(), ['event_handled', 'event_unhandled']);
  }),
];
