import { HookshakeError, isHookshakeError } from '@hookshake/core';

/** Codes of the errors of this package. `docs/errors.md` has one row for each. */
export type AsanaErrorCode =
  | 'aborted'
  | 'asana_refused'
  | 'asana_unavailable'
  | 'asana_unreachable'
  | 'client_failed'
  | 'filters_required'
  | 'handshake_elsewhere'
  | 'handshake_mismatch'
  | 'handshake_not_echoed'
  | 'handshake_not_reached'
  | 'handshake_taken'
  | 'handshake_wrong_status'
  | 'not_found'
  | 'payment_required'
  | 'rate_limited'
  | 'receiver_closed'
  | 'scope_missing'
  | 'secret_lost'
  | 'secret_missing'
  | 'store_failed'
  | 'target_not_public'
  | 'token_failed'
  | 'token_invalid'
  | 'webhook_exists';

/** What Asana's answer said, as far as it said it. */
export interface AsanaErrorDetails {
  /** The HTTP status of Asana's answer; `undefined` when there was none. */
  readonly status?: number | undefined;
  /** Asana's own message. */
  readonly asanaMessage?: string | undefined;
  /** Where Asana says one can read on. */
  readonly help?: string | undefined;
  /** How long Asana asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** The gid of the webhook that the error is about, where it is known. */
  readonly webhook?: string | undefined;
  readonly cause?: unknown;
}

/** A call to Asana, or an establishing, that failed. Tell them apart by `code`, with {@link isAsanaError}. */
export class AsanaError extends HookshakeError<AsanaErrorCode> {
  readonly status: number | undefined;
  readonly asanaMessage: string | undefined;
  readonly help: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly webhook: string | undefined;

  constructor(code: AsanaErrorCode, message: string, details: AsanaErrorDetails = {}) {
    super(code, message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = details.status;
    this.asanaMessage = details.asanaMessage;
    this.help = details.help;
    this.retryAfterMs = details.retryAfterMs;
    this.webhook = details.webhook;
  }
}

/**
 * Whether a caught value is an {@link AsanaError}, and optionally whether it has the given code.
 *
 * @example
 * ```ts
 * try {
 *   await client.webhooks.get('12345');
 * } catch (error) {
 *   if (!isAsanaError(error, 'rate_limited')) throw error;
 *   console.log(`again in ${error.retryAfterMs} ms`);
 * }
 * ```
 */
export function isAsanaError(error: unknown, code?: AsanaErrorCode): error is AsanaError {
  return isHookshakeError<AsanaErrorCode>(error, code) && 'asanaMessage' in error;
}
