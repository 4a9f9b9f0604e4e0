import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Keeps a body's bytes while a parser of Express reads it, for apps in which the parser must come first.
 *
 * @example
 * ```ts
 * app.use(express.json({ verify: keepRawBody, limit: '4mb' }));
 * ```
 */
export function keepRawBody(request: IncomingMessage, _response: ServerResponse, body: Buffer): void {
  Object.assign(request, { rawBody: body });
}
