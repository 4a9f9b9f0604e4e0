import { createHmac, hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** Longer messages are hashed where they are: to copy them would cost more than it saves. */
const MAX_COPIED_BYTES = 64 * 1024;

/** The two blocks of HMAC (RFC 2104) that depend on the secret only. */
export interface HmacKey {
  readonly secret: string;
  readonly inner: Uint8Array;
  readonly outer: Uint8Array;
}

export function createHmacKey(secret: string): HmacKey {
  const bytes = Buffer.from(secret);
  const block = Buffer.alloc(BLOCK_BYTES);
  block.set(bytes.length > BLOCK_BYTES ? hash('sha256', bytes, 'buffer') : bytes);
  return { secret, inner: block.map((byte) => byte ^ 0x36), outer: block.map((byte) => byte ^ 0x5c) };
}

const innerMessage = Buffer.alloc(BLOCK_BYTES + MAX_COPIED_BYTES);
const outerMessage = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);

/**
 * HMAC-SHA256 as lower-case hex digits, in two one-shot hashes: for a message of a few kilobytes, the Hmac object that
 * `createHmac` makes costs as much as all of the hashing. So would a buffer for each digest, which is why both are text.
 */
export function hmac({ secret, inner, outer }: HmacKey, message: Uint8Array): string {
  if (message.length > MAX_COPIED_BYTES) return createHmac('sha256', secret).update(message).digest('hex');
  innerMessage.set(inner);
  innerMessage.set(message, BLOCK_BYTES);
  outerMessage.set(outer);
  outerMessage.write(
    hash('sha256', innerMessage.subarray(0, BLOCK_BYTES + message.length)),
    BLOCK_BYTES,
    'hex',
  );
  return hash('sha256', outerMessage);
}
