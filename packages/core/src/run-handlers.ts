import type { AsanaEvent } from './event.js';
import { isPromiseLike } from './from-store.js';
import type { AnyHandler, HandlerContext } from './handler.js';

/**
 * Runs the handlers one after the other. As long as none of them returns a promise, nothing is waited for: the result is
 * then `undefined`. A failure of one leaves out the ones after it; when the event comes again, all run again.
 */
export function runHandlers(
  handlers: readonly AnyHandler[],
  event: AsanaEvent | undefined,
  context: HandlerContext,
): Promise<void> | undefined {
  for (let index = 0; index < handlers.length; index++) {
    const result = handlers[index]?.(event, context);
    if (isPromiseLike(result)) return finish(result, handlers.slice(index + 1), event, context);
  }
  return undefined;
}

async function finish(
  running: PromiseLike<unknown>,
  handlers: readonly AnyHandler[],
  event: AsanaEvent | undefined,
  context: HandlerContext,
): Promise<void> {
  await running;
  for (const handler of handlers) await handler(event, context);
}
