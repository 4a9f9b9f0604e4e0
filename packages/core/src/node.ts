import type { IncomingMessage, ServerResponse } from 'node:http';
import { endOfTurn } from './end-of-turn.js';
import { assertBasePath, hookIdBelowMount, pathBelow, pathOf } from './hook-id.js';
import type { HookRequest } from './http.js';
import { assertMount } from './mount.js';
import { readNodeBody } from './node-body.js';
import { sendNodeResponse } from './node-response.js';
import type { Receiver } from './receiver.js';

/** Options of {@link createNodeHandler}. */
export interface NodeHandlerOptions {
  /** The path that the hooks lie below, such as `/webhooks/asana`. @defaultValue `''`: the whole server */
  readonly basePath?: string | undefined;
  /** Tells the hook id of a request. @defaultValue the path below `basePath`; `default` for that path itself */
  readonly hookId?: ((request: IncomingMessage) => string | undefined) | undefined;
}

/** Takes a request, or calls `next` if it is none of its own; without `next` that is answered 404. */
export type NodeHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => Promise<void>;

/**
 * The receiver as a handler for `node:http`.
 *
 * @throws {@link HookshakeError} `invalid_option`.
 * @example
 * ```ts
 * const asana = createNodeHandler(receiver, { basePath: '/webhooks/asana' });
 * createServer((request, response) => asana(request, response)).listen(3000);
 * ```
 */
export function createNodeHandler(receiver: Receiver, options: NodeHandlerOptions = {}): NodeHandler {
  const { basePath = '', hookId, ...unknown } = options;
  assertMount('createNodeHandler(receiver)', { receiver, hookId, unknown });
  assertBasePath(basePath);

  return function handleAsanaWebhook(request, response, next) {
    const tail = pathBelow(basePath, pathOf(request.url ?? ''));
    if (tail === undefined) return passOver(request, response, next);
    return serveNodeRequest(receiver, request, response, () =>
      hookId === undefined ? hookIdBelowMount(tail) : hookId(request),
    );
  };
}

/** The request is for somebody else. */
async function passOver(
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
): Promise<void> {
  if (next !== undefined) return next();
  sendNodeResponse(request, response, { status: 404, headers: {}, body: 'Not found' });
}

/**
 * One request of `node:http` from its arrival to its answer: what adapters for frameworks on top of it share.
 *
 * @param hookId - Tells the hook id; what it throws becomes the outcome.
 */
export async function serveNodeRequest(
  receiver: Receiver,
  request: IncomingMessage,
  response: ServerResponse,
  hookId: () => string | undefined,
): Promise<void> {
  const turn = endOfTurn();
  const answer = await receiver.receive(new NodeHookRequest(request, hookId));
  await turn;
  sendNodeResponse(request, response, answer);
}

class NodeHookRequest implements HookRequest {
  readonly #request: IncomingMessage;
  readonly #hookId: () => string | undefined;

  constructor(request: IncomingMessage, hookId: () => string | undefined) {
    this.#request = request;
    this.#hookId = hookId;
  }

  get method(): string {
    return this.#request.method ?? '';
  }

  get hookId(): string | undefined {
    return this.#hookId();
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  body(maxBytes: number, withinMs: number): Promise<Uint8Array> {
    return readNodeBody(this.#request, maxBytes, withinMs);
  }
}
