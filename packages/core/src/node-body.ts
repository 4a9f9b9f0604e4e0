import type { IncomingMessage } from 'node:http';
import { types } from 'node:util';
import { receiveBody } from './arriving-body.js';
import { HookshakeError } from './hookshake-error.js';

/**
 * The bytes of a request's body as they came over the wire.
 *
 * If a parser has read them already, the ones it kept in `request.rawBody` are taken, as `keepRawBody`, NestJS and the
 * Firebase functions keep them. Without those it fails at once: the stream has ended, and waiting for it would hang.
 */
export async function readNodeBody(
  request: IncomingMessage,
  maxBytes: number,
  withinMs: number,
): Promise<Uint8Array> {
  if (wasRead(request)) return keptBody(request, maxBytes);
  if (hasArrived(request)) return arrivedBody(request, maxBytes);

  return await new Promise((resolve, reject) => {
    const body = receiveBody(maxBytes, fail);
    const stalled = setTimeout(() => {
      fail(new HookshakeError('body_stalled', `The body did not arrive within ${withinMs} ms`));
    }, withinMs);

    function fail(error: unknown): void {
      clearTimeout(stalled);
      body.drop();
      request.off('data', add);
      request.pause();
      reject(error);
    }

    function add(chunk: Uint8Array): void {
      try {
        body.add(chunk);
      } catch (error) {
        fail(error);
      }
    }

    request.on('data', add);
    request.once('end', () => {
      clearTimeout(stalled);
      resolve(body.whole());
    });
    // Without an end before it, this is how an upload that breaks off shows.
    request.once('close', () => {
      if (!request.readableEnded)
        fail(new HookshakeError('body_aborted', 'The connection closed within the body'));
    });
    if (request.destroyed) fail(new HookshakeError('body_aborted', 'The connection closed before the body'));
  });
}

/**
 * Whether all of the body is here and unread. A body that came in one packet with its headers is, by the time the secrets
 * are looked up; then there is nothing to listen to and no time to limit.
 */
function hasArrived(request: IncomingMessage): boolean {
  const { readableLength } = request;
  return readableLength > 0 && readableLength === Number(request.headers['content-length']);
}

function arrivedBody(request: IncomingMessage, maxBytes: number): Uint8Array {
  if (request.readableLength > maxBytes)
    throw new HookshakeError('body_too_large', `The body is over ${maxBytes} bytes`);
  return request.read();
}

/** Also by whoever has it decoded to text, which is no longer the bytes that were signed. */
function wasRead(request: IncomingMessage): boolean {
  return request.readableDidRead || request.readableEnded || request.readableEncoding !== null;
}

function keptBody(request: IncomingMessage & { rawBody?: unknown }, maxBytes: number): Uint8Array {
  const { rawBody } = request;
  const inflated = (request.headers['content-encoding'] ?? 'identity') !== 'identity';
  if (!types.isUint8Array(rawBody) || inflated) {
    throw new HookshakeError(
      'body_consumed',
      'Another middleware read the body first. Mount hookshake before it, or keep the bytes with keepRawBody',
    );
  }
  if (rawBody.length > maxBytes)
    throw new HookshakeError('body_too_large', `The body is over ${maxBytes} bytes`);
  return rawBody;
}
