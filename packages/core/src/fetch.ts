import { receiveBody } from './arriving-body.js';
import { assertBasePath, hookIdBelowMount, pathBelow, pathOf } from './hook-id.js';
import { HookshakeError } from './hookshake-error.js';
import type { HookRequest } from './http.js';
import { assertMount } from './mount.js';
import type { Receiver } from './receiver.js';

/** Options of {@link createFetchHandler}. */
export interface FetchHandlerOptions {
  /** The path that the hooks lie below, such as `/webhooks/asana`. @defaultValue `''`: the whole server */
  readonly basePath?: string | undefined;
  /** Tells the hook id of a request. @defaultValue the path below `basePath`; `default` for that path itself */
  readonly hookId?: ((request: Request) => string | undefined) | undefined;
}

/** Answers a request; one outside of `basePath` with 404. */
export type FetchHandler = (request: Request) => Promise<Response>;

/**
 * The receiver as a handler from `Request` to `Response`, for Hono, Next.js route handlers, Bun, Deno and the like.
 *
 * @throws {@link HookshakeError} `invalid_option`.
 * @example
 * ```ts
 * export const POST = createFetchHandler(receiver, { basePath: '/api/asana' });
 * ```
 */
export function createFetchHandler(receiver: Receiver, options: FetchHandlerOptions = {}): FetchHandler {
  const { basePath = '', hookId, ...unknown } = options;
  assertMount('createFetchHandler(receiver)', { receiver, hookId, unknown });
  assertBasePath(basePath);

  return async function handleAsanaWebhook(request) {
    const tail = pathBelow(basePath, pathOf(request.url));
    if (tail === undefined) return new Response('Not found', { status: 404 });

    const { status, headers, body } = await receiver.receive({
      method: request.method,
      get hookId() {
        return hookId === undefined ? hookIdBelowMount(tail) : hookId(request);
      },
      header: (name) => request.headers.get(name) ?? undefined,
      body: (maxBytes, withinMs) => readFetchBody(request, maxBytes, withinMs),
    } satisfies HookRequest);
    return new Response(body === '' ? null : body, { status, headers });
  };
}

async function readFetchBody(request: Request, maxBytes: number, withinMs: number): Promise<Uint8Array> {
  // A reader of somebody else's locks it before the first byte is read.
  if (request.bodyUsed || request.body?.locked) {
    throw new HookshakeError(
      'body_consumed',
      'The body was read before. Pass a request whose body nobody has read',
    );
  }
  if (request.body === null) return new Uint8Array();

  const reader = request.body.getReader();
  let givenUp: HookshakeError | undefined;
  function giveUp(error: HookshakeError): void {
    givenUp = error;
    // Not awaited: a source that is stuck may never finish cancelling.
    reader.cancel().catch(() => {});
  }
  const body = receiveBody(maxBytes, giveUp);
  const timer = setTimeout(() => {
    giveUp(new HookshakeError('body_stalled', `The body did not arrive within ${withinMs} ms`));
  }, withinMs);
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) body.add(part.value);
  } catch (cause) {
    body.drop();
    reader.cancel().catch(() => {});
    if (cause instanceof HookshakeError) throw cause;
    throw new HookshakeError('body_aborted', 'The body broke off', { cause });
  } finally {
    clearTimeout(timer);
  }
  if (givenUp !== undefined) {
    body.drop();
    throw givenUp;
  }
  return body.whole();
}
