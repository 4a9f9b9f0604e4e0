import { timingSafeEqual } from 'node:crypto';
import { types } from 'node:util';
import { createHmacKey, type HmacKey, hmac } from './hmac.js';
import { HookshakeError } from './hookshake-error.js';

const SIGNATURE_LENGTH = 64;
const SHAPE = /^[0-9a-f]{64}$/;
const MAX_CACHED_KEYS = 1_000;

/**
 * Making a key costs as much as hashing a small body with it, so recent ones are kept. The secrets they stand for are
 * in memory anyway while their hook is in use.
 */
const keys = new Map<string, HmacKey>();

/**
 * The signature Asana would send for a body: HMAC-SHA256 under the secret's bytes as text, as 64 lower-case hex digits.
 * Meant for tests; a receiver verifies by itself.
 *
 * @throws {@link HookshakeError} `invalid_option`: the body is neither bytes nor text.
 * @example
 * ```ts
 * const signature = sign('{"events":[]}', secret);
 * ```
 */
export function sign(body: Uint8Array | string, secret: string): string {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  assertBytes('sign()', bytes);
  return hmac(keyOf(secret), bytes);
}

/**
 * Whether the signature was made from exactly these bytes with one of the secrets. Compares in constant time.
 * Anything but 64 lower-case hex digits is `false`, as is an empty secret: nothing verifies without one.
 *
 * For other entry points than a {@link Receiver}: a queue consumer, a serverless function.
 *
 * @throws {@link HookshakeError} `invalid_option`: the body is not bytes.
 */
export function verify(body: Uint8Array, signature: string | undefined, secrets: readonly string[]): boolean {
  assertBytes('verify()', body);
  return isSignature(signature) && secrets.some((secret) => matches(body, signature, secret));
}

/** Whether a header can be a signature at all. Two joined headers, a prefix or capitals are no signature. */
export function isSignature(text: string | undefined): text is string {
  return typeof text === 'string' && SHAPE.test(text);
}

const expected = Buffer.alloc(SIGNATURE_LENGTH);
const given = Buffer.alloc(SIGNATURE_LENGTH);

/** Whether a well-formed signature was made from these bytes with this secret. */
export function matches(body: Uint8Array, signature: string, secret: string): boolean {
  if (secret === '') return false;
  expected.write(hmac(keyOf(secret), body), 'latin1');
  given.write(signature, 'latin1');
  return timingSafeEqual(expected, given);
}

function assertBytes(call: string, body: unknown): asserts body is Uint8Array {
  if (types.isUint8Array(body)) return;
  throw new HookshakeError(
    'invalid_option',
    `${call} needs the body as a Uint8Array of its bytes as they came. Of text, pass Buffer.from(text)`,
  );
}

function keyOf(secret: string): HmacKey {
  const cached = keys.get(secret);
  if (cached !== undefined) return cached;
  const key = createHmacKey(secret);
  if (keys.size >= MAX_CACHED_KEYS) keys.clear();
  keys.set(secret, key);
  return key;
}
