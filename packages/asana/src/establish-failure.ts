import { isHookshakeError } from '@hookshake/core';
import { AsanaError, type AsanaErrorCode, isAsanaError } from './asana-error.js';

/** What cleaning up after a failure found and left. */
export interface CleanUp {
  /** Whether a handshake had come through the window; `undefined` when the store did not tell. */
  readonly handshakeCame: boolean | undefined;
  /** What became of what was made, and what is left of it, in sentences. */
  readonly remarks: readonly string[];
  /** The webhook that the failure is about. */
  readonly webhook: string | undefined;
}

/** The failure of an establishing as one error: what happened, what to do, what was cleaned up. */
export function explainFailure(
  error: unknown,
  target: string,
  { handshakeCame, remarks, webhook }: CleanUp,
): AsanaError {
  const { code, message } = refine(error, handshakeCame);
  const where = code.startsWith('handshake_') ? [`The target is ${withoutQuery(target)}`] : [];
  return new AsanaError(code, [message.replace(/\.$/, ''), ...where, ...remarks].join('. '), {
    ...(isAsanaError(error) && {
      status: error.status,
      asanaMessage: error.asanaMessage,
      help: error.help,
      retryAfterMs: error.retryAfterMs,
    }),
    webhook,
    cause: error,
  });
}

/** A query or a user may be there to let a caller in. */
function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

/** The error in terms of establishing: whether a handshake came tells more than Asana can. */
function refine(
  error: unknown,
  handshakeCame: boolean | undefined,
): { readonly code: AsanaErrorCode; readonly message: string } {
  if (!isHookshakeError<string>(error)) {
    return {
      code: 'client_failed',
      message: 'The client of Asana threw an error without a code; see its cause',
    };
  }
  switch (error.code) {
    case 'handshake_not_echoed':
      if (handshakeCame === undefined) break;
      return handshakeCame
        ? { code: 'handshake_not_echoed', message: ECHO_LOST }
        : { code: 'handshake_not_reached', message: NOT_REACHED };
    case 'handshake_wrong_status':
      // A receiver that took Asana's handshake answers 200, so the one it took was not Asana's.
      if (handshakeCame !== true || !isAsanaError(error) || !/403/.test(error.asanaMessage ?? '')) break;
      return { code: 'handshake_taken', message: TAKEN };
    case 'handshake_mismatch':
      return { code: 'handshake_mismatch', message: MISMATCH };
    case 'handshake_missing':
      return { code: 'handshake_elsewhere', message: ELSEWHERE };
  }
  // What else has a code was thrown by our client, or is one of those that the receiver's `confirm` and `forget` throw.
  return { code: error.code as AsanaErrorCode, message: error.message };
}

const ECHO_LOST =
  "The receiver took the handshake, but Asana did not get its answer's X-Hook-Secret in time. Does a proxy or tunnel drop " +
  'response headers, or take more than 10 seconds?';

const NOT_REACHED =
  'No handshake reached a receiver on this secret store, and Asana met nothing at the target that echoed it. Does the ' +
  'target lead to the mount of a receiver? Does that use this very store? Can it answer while this process waits for Asana?';

const TAKEN =
  "Somebody else sent a handshake before Asana did, so Asana's was refused: perhaps an attempt to take the webhook over. " +
  'That secret is forgotten. Try again under a hook id nobody can guess, the default';

const MISMATCH =
  "The secret that came through the window is not the one of Asana's answer: perhaps an attempt to take the webhook over. " +
  'It is forgotten. Try again under a hook id nobody can guess, the default, and check who answers at the target';

const ELSEWHERE =
  'Asana completed a handshake, but not with a receiver on this secret store. Check that the target reaches this ' +
  'application and that all its processes use the same store';
