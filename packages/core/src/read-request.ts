import { isPromiseLike } from './from-store.js';
import { isHookId } from './hook-id.js';
import { HookshakeError, isHookshakeError } from './hookshake-error.js';
import type { HookRequest } from './http.js';

/** A trace context of W3C's first version, as tracing agents and proxies add it. */
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The trace context of a request, if it has one. */
export function traceparentOf(request: HookRequest): string | undefined {
  const header = request.header('traceparent');
  return header !== undefined && TRACEPARENT.test(header) ? header : undefined;
}

/**
 * The hook that a request is for; `undefined` when its path names none.
 *
 * @throws {@link HookshakeError} `mount_ambiguous`, `hook_id_failed`.
 */
export function readHookId(request: HookRequest): string | undefined {
  try {
    const hookId: string | PromiseLike<unknown> | undefined = request.hookId;
    if (isPromiseLike<unknown>(hookId)) {
      // Its rejection has to be heard, or a stranger's request could end the process.
      hookId.then(undefined, () => {});
      throw new TypeError('It answers a promise, and a hook id is needed at once');
    }
    return hookId !== undefined && isHookId(hookId) ? hookId : undefined;
  } catch (cause) {
    if (isHookshakeError(cause, 'mount_ambiguous')) throw cause;
    throw new HookshakeError('hook_id_failed', 'The `hookId` function threw', { cause });
  }
}
