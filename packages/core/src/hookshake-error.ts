import type { RequestCode } from './outcome.js';

/**
 * Codes of errors that hookshake throws at you, as opposed to outcomes of requests.
 * `docs/errors.md` has one row for each.
 */
export type ThrownCode =
  | 'invalid_option'
  | 'invalid_event_name'
  | 'invalid_hook_id'
  | 'handler_too_late'
  | 'no_handlers'
  | 'receiver_closed'
  | 'window_already_open'
  | 'window_not_confirming'
  | 'handshake_missing'
  | 'handshake_mismatch'
  | 'secret_undecryptable'
  | 'store_unusable'
  | 'not_migrated';

/** Every code that an error of this package can carry; `@hookshake/asana` adds its own. */
export type ErrorCode = ThrownCode | RequestCode;

const brand = Symbol.for('hookshake.error');

/**
 * Every error of hookshake. Tell them apart by `code`, which is stable; the message may be reworded at any time.
 *
 * Use {@link isHookshakeError} rather than `instanceof`, which fails when two copies of a package are installed.
 */
export class HookshakeError<Code extends string = ErrorCode> extends Error {
  override readonly name = 'HookshakeError';
  /** The stable code. @see docs/errors.md */
  readonly code: Code;

  constructor(code: Code, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, brand, { value: true });
  }
}

/**
 * Whether a caught value is an error of hookshake, and optionally whether it has the given code.
 *
 * @example
 * ```ts
 * try {
 *   await receiver.expectHandshake('bugs');
 * } catch (error) {
 *   if (!isHookshakeError(error, 'window_already_open')) throw error;
 * }
 * ```
 */
export function isHookshakeError<Code extends string = ErrorCode>(
  error: unknown,
  code?: Code,
): error is HookshakeError<Code> {
  try {
    if (typeof error !== 'object' || error === null || !(brand in error)) return false;
    return code === undefined || (error as { code?: unknown }).code === code;
  } catch {
    // A proxy whose traps throw.
    return false;
  }
}
