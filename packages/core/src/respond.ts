import { isHookshakeError } from './hookshake-error.js';
import type { HookResponse } from './http.js';
import { type RequestCode, requestOutcomes } from './outcome.js';

const RETRY_AFTER_SECONDS = '10';

const responses = new Map<RequestCode, HookResponse>(
  Object.entries(requestOutcomes).map(([code, { status, answer }]) => [
    code as RequestCode,
    Object.freeze({
      status,
      headers: Object.freeze({
        ...(answer !== '' && { 'content-type': 'text/plain; charset=utf-8' }),
        ...(status === 405 && { allow: 'POST' }),
        ...(status === 503 && { 'retry-after': RETRY_AFTER_SECONDS }),
      }),
      body: answer,
    }),
  ]),
);

/** The fixed answer for a code; an accepted handshake is echoed. */
export function responseFor(code: RequestCode, echo?: string): HookResponse {
  const response = responses.get(code);
  if (response === undefined) throw new TypeError(`No response for ${code}`);
  return echo === undefined ? response : { ...response, headers: { 'x-hook-secret': echo } };
}

/** What is thrown is a failure, whatever it says of itself. */
export function codeOfFailure(error: unknown): RequestCode {
  if (!isHookshakeError(error) || !Object.hasOwn(requestOutcomes, error.code)) return 'internal_error';
  const code = error.code as RequestCode;
  return requestOutcomes[code].status >= 400 ? code : 'internal_error';
}
