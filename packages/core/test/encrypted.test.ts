import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encrypted, memorySecrets, type SecretStore } from '../src/index.js';

const key = new Uint8Array(32).fill(1);
const newKey = new Uint8Array(32).fill(2);
const otherKey = new Uint8Array(32).fill(3);
const SECRET = 'marker-of-the-plain-secret';

/** A store that notes everything it is given and everything it gives. */
function createWatchedStore(): { readonly store: SecretStore; readonly seen: unknown[] } {
  const inner = memorySecrets();
  const seen: unknown[] = [];
  const watch = <Args extends unknown[], Answer>(operation: (...args: Args) => Answer) => {
    return (...args: Args): Answer => {
      const answer = operation(...args);
      seen.push(args, answer);
      return answer;
    };
  };
  return {
    seen,
    store: {
      find: watch(inner.find),
      open: watch(inner.open),
      accept: watch(inner.accept),
      settle: watch(inner.settle),
      forget: watch(inner.forget),
    },
  };
}

async function texts(store: SecretStore, hookId = 'bugs'): Promise<readonly string[]> {
  return (await store.find(hookId)).map((one) => one.secret);
}

/** Copies a hook's texts to another one, as somebody with access to the inner store could. */
async function move(store: SecretStore, from: string, to: string): Promise<void> {
  for (const text of await texts(store, from)) await store.accept(to, text, 'always');
}

describe('encrypted', () => {
  it('shows nothing of a secret to the store inside, whatever is done with it', async () => {
    const { store, seen } = createWatchedStore();
    const secrets = encrypted(store, { key });
    const windowId = await secrets.open('bugs', { withinMs: 1_000, confirm: true });
    await secrets.accept('bugs', SECRET, 'window');
    await secrets.accept('bugs', SECRET, 'always');
    await secrets.accept('bugs', `${SECRET}-2`, 'window');
    await secrets.settle('bugs', windowId ?? '', SECRET, { webhook: '42' });
    await secrets.settle('bugs', windowId ?? '', `${SECRET}-3`);
    await secrets.forget('bugs', { secret: SECRET });

    const everything = inspect(seen, { depth: null, maxStringLength: null });
    expect(seen.length).toBeGreaterThan(12);
    for (const form of ['utf8', 'hex', 'base64', 'base64url'] as const) {
      const marker = Buffer.from('marker-of-the-plain').toString(form).replaceAll('=', '');
      expect(everything.toLowerCase()).not.toContain(marker.toLowerCase());
    }
    expect(everything).not.toContain(Buffer.from(key).toString('hex'));
  });

  it('gives back what was stored, with what the store inside knows of it', async () => {
    const secrets = encrypted(memorySecrets(), { key });
    const windowId = await secrets.open('bugs', { withinMs: 1_000, confirm: true });
    await secrets.accept('bugs', SECRET, 'window');
    expect(await secrets.find('bugs')).toMatchObject([{ secret: SECRET, pending: true }]);
    expect(await secrets.settle('bugs', windowId ?? '', SECRET, { webhook: '42' })).toBe('confirmed');
    expect(await secrets.find('bugs')).toEqual([{ secret: SECRET, webhook: '42' }]);
  });

  it('keeps every legal secret exactly, in a text of at most 512 visible characters', async () => {
    const secretTexts = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
      minLength: 1,
      maxLength: 256,
    });
    await fc.assert(
      fc.asyncProperty(secretTexts, async (secret) => {
        const store = memorySecrets();
        const secrets = encrypted(store, { key });
        expect(await secrets.accept('bugs', secret, 'always')).toBe('stored');
        expect(await texts(secrets)).toEqual([secret]);
        expect((await texts(store))[0]).toMatch(/^[\x21-\x7e]{1,512}$/);
      }),
      { numRuns: 50 },
    );
  });

  it('writes equal text for equal secrets of one hook, and different text otherwise', async () => {
    const store = memorySecrets();
    const again = memorySecrets();
    for (const secrets of [encrypted(store, { key }), encrypted(again, { key })]) {
      await secrets.accept('bugs', SECRET, 'always');
      await secrets.accept('bugs', 'another', 'always');
      await secrets.accept('chores', SECRET, 'always');
    }
    expect(await texts(store)).toEqual(await texts(again));
    const all = [...(await texts(store)), ...(await texts(store, 'chores'))];
    expect(new Set(all).size).toBe(3);
  });

  it('uses a nonce of its own for each secret, and other text under another key', async () => {
    const nonces = new Set<string>();
    for (const [index, one] of [key, newKey, otherKey].entries()) {
      const store = memorySecrets();
      const secrets = encrypted(store, { key: one });
      for (let number = 0; number < 10; number++) await secrets.accept('bugs', `secret-${number}`, 'always');
      for (const text of await texts(store)) nonces.add(text.slice(text.lastIndexOf('.') + 1).slice(0, 16));
      expect(nonces.size).toBe((index + 1) * 10);
    }
  });

  it('states the durability of the store inside', () => {
    expect(encrypted(memorySecrets(), { key }).durability).toBe('none');
    expect(encrypted({ ...memorySecrets(), durability: 'power' }, { key }).durability).toBe('power');
  });

  it.each([
    ['0 bytes', new Uint8Array(0)],
    ['16 bytes', new Uint8Array(16)],
    ['31 bytes', new Uint8Array(31)],
    ['33 bytes', new Uint8Array(33)],
    ['64 bytes', new Uint8Array(64)],
    ['a text of 32 characters', 'x'.repeat(32)],
    ['an array of 32 numbers', Array.from({ length: 32 }, () => 1)],
    ['nothing', undefined],
  ])('refuses a key of %s', (_name, wrong) => {
    const odd = wrong as Uint8Array;
    expect(() => encrypted(memorySecrets(), { key: odd })).toThrow(
      expect.objectContaining({ code: 'invalid_option' }),
    );
    expect(() => encrypted(memorySecrets(), { key, previousKeys: [newKey, odd] })).toThrow(
      expect.objectContaining({
        code: 'invalid_option',
        message: expect.stringContaining('`previousKeys`'),
      }),
    );
  });

  it('says of an option that there is none of that name', () => {
    const options = { key, previouskeys: [newKey] };
    expect(() => encrypted(memorySecrets(), options)).toThrow('`previouskeys`');
  });

  it('takes a Buffer for a key', async () => {
    const secrets = encrypted(memorySecrets(), { key: Buffer.from(key) });
    await secrets.accept('bugs', SECRET, 'always');
    expect(await texts(secrets)).toEqual([SECRET]);
  });
});

describe('encrypted, with text it cannot read', () => {
  const undecryptable = expect.objectContaining({ code: 'secret_undecryptable' });

  it('refuses text that was moved from another hook', async () => {
    const store = memorySecrets();
    const secrets = encrypted(store, { key });
    await secrets.accept('bugs', SECRET, 'always');
    await move(store, 'bugs', 'chores');
    await expect(secrets.find('chores')).rejects.toEqual(undecryptable);
    await expect(secrets.accept('chores', SECRET, 'always')).rejects.toEqual(undecryptable);
    await expect(secrets.settle('chores', 'window', SECRET)).rejects.toEqual(undecryptable);
    expect(await texts(secrets)).toEqual([SECRET]);
  });

  it('refuses text under a key that is not given', async () => {
    const store = memorySecrets();
    await encrypted(store, { key }).accept('bugs', SECRET, 'always');
    const secrets = encrypted(store, { key: newKey, previousKeys: [otherKey] });
    await expect(secrets.find('bugs')).rejects.toEqual(undecryptable);
  });

  it.each([
    ['plain text', (): string => SECRET],
    ['an empty text', (): string => ''],
    ['text that is cut', (text: string): string => text.slice(0, -1)],
    ['text without its middle', (text: string): string => text.slice(0, 16)],
    ['text with one character changed', (text: string): string => text.slice(0, -3) + flip(text.slice(-3))],
    ['text with a changed nonce', (text: string): string => text.slice(0, 14) + flip(text.slice(14))],
    ['text with a changed key id', (text: string): string => text.slice(0, 5) + flip(text.slice(5))],
  ])('refuses %s', async (_name, change) => {
    const store = memorySecrets();
    await encrypted(store, { key }).accept('bugs', SECRET, 'always');
    const [text = ''] = await texts(store);
    await store.forget('bugs');
    await store.accept('bugs', change(text), 'always');
    await expect(encrypted(store, { key }).find('bugs')).rejects.toEqual(undecryptable);
  });

  it('puts neither the text nor the secret into the error', async () => {
    const store = memorySecrets();
    await store.accept('bugs', SECRET, 'always');
    const error: unknown = await Promise.resolve(encrypted(store, { key }).find('bugs')).catch(
      (reason) => reason,
    );
    expect(inspect(error, { depth: null })).not.toContain('marker');
  });

  it('forgets it all the same', async () => {
    const store = memorySecrets();
    await encrypted(store, { key }).accept('bugs', SECRET, 'always');
    const secrets = encrypted(store, { key: newKey });
    await secrets.forget('bugs');
    expect(await secrets.find('bugs')).toEqual([]);
  });
});

function flip(text: string): string {
  return (text[0] === 'A' ? 'B' : 'A') + text.slice(1);
}

describe('encrypted, after a change of key', () => {
  const rotated = (store: SecretStore) => encrypted(store, { key: newKey, previousKeys: [otherKey, key] });

  async function createOldStore(): Promise<SecretStore> {
    const store = memorySecrets();
    await encrypted(store, { key }).accept('bugs', SECRET, 'always');
    return store;
  }

  it('reads what was written under an earlier key', async () => {
    expect(await texts(rotated(await createOldStore()))).toEqual([SECRET]);
  });

  it('knows a secret that was written under an earlier key, and writes nothing', async () => {
    const store = await createOldStore();
    const before = await texts(store);
    expect(await rotated(store).accept('bugs', SECRET, 'always')).toBe('known');
    expect(await texts(store)).toEqual(before);
  });

  it('writes under the new key, beside the old', async () => {
    const store = await createOldStore();
    expect(await rotated(store).accept('bugs', 'new', 'always')).toBe('stored');
    expect(await texts(rotated(store))).toEqual([SECRET, 'new']);
    await store.forget('bugs', { secret: (await texts(store))[0] ?? '' });
    expect(await texts(encrypted(store, { key: newKey }))).toEqual(['new']);
  });

  it('confirms a secret that was taken under an earlier key', async () => {
    const store = memorySecrets();
    const before = encrypted(store, { key });
    const windowId = await before.open('bugs', { withinMs: 1_000, confirm: true });
    await before.accept('bugs', SECRET, 'window');
    expect(await rotated(store).settle('bugs', windowId ?? '', SECRET, { webhook: '42' })).toBe('confirmed');
    expect(await rotated(store).find('bugs')).toEqual([{ secret: SECRET, webhook: '42' }]);
  });

  it('finds a mismatch with a secret that was taken under an earlier key', async () => {
    const store = memorySecrets();
    const before = encrypted(store, { key });
    const windowId = await before.open('bugs', { withinMs: 1_000, confirm: true });
    await before.accept('bugs', SECRET, 'window');
    expect(await rotated(store).settle('bugs', windowId ?? '', 'another')).toBe('mismatch');
    expect(await texts(store)).toEqual([]);
  });

  it.each([[{ secret: SECRET }], [undefined]])('forgets %j under an earlier key', async (which) => {
    const store = await createOldStore();
    await rotated(store).forget('bugs', which);
    expect(await texts(store)).toEqual([]);
  });

  it('forgets by webhook', async () => {
    const store = memorySecrets();
    const before = encrypted(store, { key });
    const windowId = await before.open('bugs', { withinMs: 1_000, confirm: true });
    await before.accept('bugs', SECRET, 'window');
    await before.settle('bugs', windowId ?? '', SECRET, { webhook: '42' });
    await rotated(store).forget('bugs', { webhook: '42' });
    expect(await texts(store)).toEqual([]);
  });
});
