import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sign, verify } from '../src/index.js';
import { capturedDeliveries } from './captured-deliveries.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const secrets = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  minLength: 1,
  maxLength: 256,
});

function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return flipped;
}

describe('sign', () => {
  // RFC 4231, test cases 1, 2 and 4: those whose key is text.
  it.each([
    {
      secret: '\x0b'.repeat(20),
      body: bytesOf('Hi There'),
      signature: 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    },
    {
      secret: 'Jefe',
      body: bytesOf('what do ya want for nothing?'),
      signature: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    },
    {
      secret: String.fromCharCode(...Array.from({ length: 25 }, (_, index) => index + 1)),
      body: new Uint8Array(50).fill(0xcd),
      signature: '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b',
    },
  ])('makes the signature $signature', ({ secret, body, signature }) => {
    expect(sign(body, secret)).toBe(signature);
    expect(verify(body, signature, [secret])).toBe(true);
  });

  it.each(capturedDeliveries)('signs $title as Asana did', ({ secret, body, signature }) => {
    expect(sign(body, secret)).toBe(signature);
    expect(sign(bytesOf(body), secret)).toBe(signature);
    expect(verify(bytesOf(body), signature, [secret])).toBe(true);
  });

  it('takes the secret as text, not as the bytes its digits stand for', () => {
    const [{ secret, body, signature }] = capturedDeliveries;
    const decoded = Buffer.from(secret, 'hex').toString('latin1');
    expect(sign(body, decoded)).not.toBe(signature);
  });
});

describe('verify', () => {
  const [{ secret, body: text, signature }] = capturedDeliveries;
  const body = bytesOf(text);

  it.each<[string, string | undefined]>([
    ['no signature', undefined],
    ['an empty one', ''],
    ['a space', ' '],
    ['one digit less', signature.slice(1)],
    ['two digits less', signature.slice(2)],
    ['one digit more', `${signature}0`],
    ['two digits more', `${signature}00`],
    ['capitals', signature.toUpperCase()],
    ['one capital', signature.replace('c', 'C')],
    ['a prefix', `sha256=${signature}`],
    ['a prefix that keeps the length', `sha256=${signature.slice(7)}`],
    ['a number prefix', `0x${signature}`],
    ['a space before', ` ${signature}`],
    ['a space behind', `${signature} `],
    ['a line break behind', `${signature}\n`],
    ['a line break before', `\n${signature}`],
    ['a tab behind', `${signature}\t`],
    ['a NUL behind', `${signature}\0`],
    ['junk behind', `${signature}zz`],
    ['two joined headers', `${signature}, ${signature}`],
    ['the same length in other letters', 'z'.repeat(64)],
    ['the same number of characters, more bytes', 'é'.repeat(64)],
    ['digits of another script', '١'.repeat(64)],
    ['base64', Buffer.from(signature, 'hex').toString('base64')],
    ['all zeros', '0'.repeat(64)],
    ['a very long one', signature.repeat(10_000)],
  ])('refuses %s', (_name, odd) => {
    expect(verify(body, odd, [secret])).toBe(false);
  });

  it('refuses a signature that is no text, as a header of several values may be', () => {
    expect(verify(body, [signature] as unknown as string, [secret])).toBe(false);
    expect(verify(body, null as unknown as undefined, [secret])).toBe(false);
  });

  it.each<[string, unknown]>([
    ['text', '{"events":[]}'],
    ['the memory behind the bytes', new TextEncoder().encode('{"events":[]}').buffer],
    ['nothing', undefined],
  ])('takes no body that is %s, since something else would be hashed', (_what, odd) => {
    expect(() => verify(odd as Uint8Array, signature, [secret])).toThrow('Buffer.from(text)');
  });

  it('refuses everything without a secret', () => {
    expect(verify(body, signature, [])).toBe(false);
    expect(verify(body, sign(body, ''), [])).toBe(false);
  });

  it('refuses what was signed with the empty secret', () => {
    expect(verify(body, sign(body, ''), [''])).toBe(false);
    expect(verify(body, sign(body, ''), ['', secret])).toBe(false);
  });

  it('goes past an empty secret to the others', () => {
    expect(verify(body, signature, ['', secret])).toBe(true);
  });

  it('finds the secret among many, in whatever place', () => {
    const others = Array.from({ length: 15 }, (_, index) => `secret-${index}`);
    for (let place = 0; place <= others.length; place++) {
      expect(verify(body, signature, others.toSpliced(place, 0, secret))).toBe(true);
    }
    expect(verify(body, signature, others)).toBe(false);
  });

  it('stays right over more secrets than it keeps keys of', () => {
    const many = Array.from({ length: 2_100 }, (_, index) => `secret-${index}`);
    const signatures = many.map((one) => sign(body, one));
    expect(new Set(signatures).size).toBe(many.length);
    expect(many.every((one, index) => verify(body, signatures[index], [one]))).toBe(true);
    expect(verify(body, signatures[0], [many[1_000] ?? ''])).toBe(false);
  });

  it('accepts every body and secret under the signature made from them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), secrets, (bytes, one) => {
        expect(verify(bytes, sign(bytes, one), [one])).toBe(true);
      }),
    );
  });

  it('refuses a body with one bit flipped', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: body.length * 8 - 1 }), (bit) => {
        expect(verify(flipBit(body, bit), signature, [secret])).toBe(false);
      }),
    );
  });

  it('refuses a body that is cut or longer', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: body.length - 1 }),
        fc.uint8Array({ minLength: 1 }),
        (end, more) => {
          expect(verify(body.subarray(0, end), signature, [secret])).toBe(false);
          expect(verify(Buffer.concat([body, more]), signature, [secret])).toBe(false);
        },
      ),
    );
  });

  it('refuses a secret with one bit flipped', () => {
    for (let bit = 0; bit < secret.length * 8; bit++) {
      const other = Buffer.from(flipBit(bytesOf(secret), bit)).toString('latin1');
      expect(verify(body, signature, [other])).toBe(false);
    }
  });

  it('refuses a signature with one bit flipped', () => {
    for (let bit = 0; bit < 256; bit++) {
      const other = Buffer.from(flipBit(Buffer.from(signature, 'hex'), bit)).toString('hex');
      expect(verify(body, other, [secret])).toBe(false);
    }
  });

  it('refuses any text that is not the signature', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f]{64}$/)), (other) => {
        fc.pre(other !== signature);
        expect(verify(body, other, [secret])).toBe(false);
      }),
    );
  });

  it('takes a view into a larger buffer for just its own bytes', () => {
    const larger = Buffer.concat([Buffer.from('before'), body, Buffer.from('behind')]);
    expect(verify(larger.subarray(6, 6 + body.length), signature, [secret])).toBe(true);
  });
});
