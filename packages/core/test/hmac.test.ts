import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHmacKey, hmac } from '../src/hmac.js';

const expected = (secret: string, message: Uint8Array): string =>
  createHmac('sha256', secret).update(message).digest('hex');

describe('hmac', () => {
  it('is HMAC-SHA256, for secrets longer than a block too', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 256 }),
        fc.uint8Array({ maxLength: 300 }),
        (secret, message) => {
          expect(hmac(createHmacKey(secret), message)).toBe(expected(secret, message));
        },
      ),
    );
  });

  it.each([0, 1, 63, 64, 65, 65_535, 65_536, 65_537, 200_000])('is the same for %i bytes', (length) => {
    const message = Buffer.alloc(length, 'abc');
    for (const secret of ['s', 's'.repeat(63), 's'.repeat(64), 's'.repeat(65)]) {
      expect(hmac(createHmacKey(secret), message)).toBe(expected(secret, message));
    }
  });

  it('keeps nothing of the message before', () => {
    const key = createHmacKey('secret');
    hmac(key, Buffer.alloc(1_000, 'long'));
    expect(hmac(key, Buffer.from('short'))).toBe(expected('secret', Buffer.from('short')));
  });
});
