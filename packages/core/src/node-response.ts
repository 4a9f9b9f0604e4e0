import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HookResponse } from './http.js';

/** A refused body of at most this size is read and dropped, so that the connection can be used again. */
const MAX_DRAINED_BYTES = 64 * 1024;

/** How long a connection with an unread body is kept open after the answer, in milliseconds. */
const LINGER_MS = 1_000;

/** Writes the answer, and deals with what is left of a body that nobody wanted. */
export function sendNodeResponse(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: HookResponse,
): void {
  if (response.destroyed || response.headersSent) return;
  const written = request.method === 'HEAD' ? '' : body;
  const isOver = request.complete || request.readableEnded;

  if (isOver || isSmall(request) || request.httpVersionMajor > 1) {
    response.statusCode = status;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.end(written);
    if (!request.readableEnded) request.resume();
    if (!isOver) endWithin(request, LINGER_MS, () => abandon(request));
    return;
  }

  // Closing at once would lose the answer: the kernel resets a connection that holds unread bytes. So the answer is
  // written whole, and the connection kept for a while without reading, until the sender has seen it.
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' });
  if (written === '') response.flushHeaders();
  else response.write(written);
  request.pause();
  endWithin(request, LINGER_MS, () => response.end());
}

function isSmall(request: IncomingMessage): boolean {
  const { 'content-length': length = 0, 'transfer-encoding': encoding } = request.headers;
  return encoding === undefined && Number(length) <= MAX_DRAINED_BYTES;
}

/** A request of HTTP/2 is one stream of many, so its connection stays. */
function abandon(request: IncomingMessage & { readonly stream?: { close(): void } }): void {
  if (request.stream === undefined) request.destroy();
  else request.stream.close();
}

/** Ends what is left of a request, unless its sender does so in time. */
function endWithin(request: IncomingMessage, withinMs: number, end: () => void): void {
  const timer = setTimeout(end, withinMs);
  request.once('close', () => clearTimeout(timer));
}
