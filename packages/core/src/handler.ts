import type { AsanaEvent } from './event.js';
import { assertEventName, type EventName, type EventOf, namesOf } from './event-name.js';
import { HookshakeError } from './hookshake-error.js';
import type { Logger } from './logger.js';

/**
 * What a handler learns besides the event. Read what you need of it, or destructure it, `(event, { eventKey })`: without an
 * inbox most of it is made when it is asked for, so a copy, `{ ...context }`, lacks it.
 */
export interface HandlerContext {
  /** Which hook the delivery came to. */
  readonly hookId: string;
  /** An id for the delivery, made by the receiver: Asana sends none. */
  readonly deliveryId: string;
  /** The event's key: the same when the event comes again. Use it to make your own side effects idempotent. */
  readonly eventKey: string;
  /** When the delivery arrived. */
  readonly receivedAt: Date;
  /** The W3C trace context that the delivery's request carried, if any: to go on with its trace. */
  readonly traceparent: string | undefined;
  /** 1 at first; counts up each time this event is tried again. */
  readonly attempt: number;
  /** Aborted when the time for the answer is over or the receiver has waited long enough at closing. */
  readonly signal: AbortSignal;
  /** The receiver's logger. */
  readonly logger: Logger;
}

/**
 * Your code for one kind of event. It has succeeded when it returns or its promise resolves. When it throws or rejects,
 * the event comes again, to all of its handlers; so make them idempotent.
 */
export type Handler<Name extends EventName = '*'> = (
  event: EventOf<Name>,
  context: HandlerContext,
) => void | Promise<void>;

/** A handler for whatever name, as the registry keeps it. */
export type AnyHandler = (event: AsanaEvent | undefined, context: HandlerContext) => unknown;

const MAX_CACHED_NAMES = 1_000;

/** The registered handlers, and which of them an event goes to. */
export interface HandlerRegistry {
  add(name: string, handler: AnyHandler): void;
  /** Whether there is a handler at all. */
  readonly any: boolean;
  /** The handlers for an event by its most specific name, in order of registration. */
  matching(name: string): readonly AnyHandler[];
}

export function createHandlerRegistry(): HandlerRegistry {
  const registered: { readonly name: string; readonly handler: AnyHandler }[] = [];
  const cache = new Map<string, readonly AnyHandler[]>();

  return {
    get any() {
      return registered.length > 0;
    },

    add(name, handler) {
      assertEventName(name);
      if (typeof handler !== 'function') {
        throw new HookshakeError(
          'invalid_option',
          `The handler for '${name}' is no function. Pass a function as the second argument of on()`,
        );
      }
      registered.push({ name, handler });
    },

    matching(name) {
      const cached = cache.get(name);
      if (cached !== undefined) return cached;
      const names = name === 'heartbeat' ? [name] : namesOf(name);
      const found = registered.filter((one) => names.includes(one.name)).map((one) => one.handler);
      if (cache.size < MAX_CACHED_NAMES) cache.set(name, found);
      return found;
    },
  };
}
