import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';
import { types } from 'node:util';
import { HookshakeError } from './hookshake-error.js';
import { assertNoOthers } from './option-checks.js';
import type { SecretStore, StoredSecret } from './secret-store.js';
import { secretsEqual } from './secrets-equal.js';

/** Options of {@link encrypted}. */
export interface EncryptedOptions {
  /** 32 random bytes, such as `randomBytes(32)` once made and kept apart from the store. New secrets are written under it. */
  readonly key: Uint8Array;
  /** Keys of earlier times, still read. Keep one until no secret was written under it, then leave it out. */
  readonly previousKeys?: readonly Uint8Array[] | undefined;
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const PREFIX = 'hse1';

interface Cipher {
  encrypt(hookId: string, secret: string): string;
  /** `undefined` if the text was written under another key. */
  decrypt(hookId: string, text: string): string | undefined;
}

/**
 * Wraps a store so that it never sees a plain secret: not in its file, its table, its dumps, its logs.
 *
 * AES-256-GCM. The nonce is an HMAC of hook id and secret, so equal secrets of a hook give equal text, by which the inner
 * store can tell a repeated handshake and compare at confirming; different ones never share a nonce but by a collision
 * of 96 bits. The hook id is authenticated with it: text that is moved to another hook does not decrypt.
 *
 * @throws {@link HookshakeError} `invalid_option` for a key that has not 32 bytes. `find`, `accept` and `settle` reject
 * with `secret_undecryptable` when an entry was written under a key that is not given any more; deliveries get 503 then.
 * @example
 * ```ts
 * const key = Buffer.from(process.env.HOOKSHAKE_KEY ?? '', 'base64');
 * const receiver = createReceiver({ secrets: encrypted(store, { key }) });
 * ```
 */
export function encrypted(store: SecretStore, options: EncryptedOptions): SecretStore {
  const { key, previousKeys = [], ...unknown } = options;
  assertNoOthers(unknown, 'encrypted()');
  const current = createCipher('key', key);
  const ciphers = [current, ...previousKeys.map((previous) => createCipher('previousKeys', previous))];

  function decryptEntry(hookId: string, entry: StoredSecret): StoredSecret {
    for (const cipher of ciphers) {
      const secret = cipher.decrypt(hookId, entry.secret);
      if (secret !== undefined) return { ...entry, secret };
    }
    throw new HookshakeError(
      'secret_undecryptable',
      `A secret of the hook '${hookId}' was not written under any of the given keys, or was changed. Add its key to ` +
        '`previousKeys`, or forget the hook and create its webhook anew',
    );
  }

  /** The text that the store holds for a secret, whichever key it was written under. */
  async function storedText(hookId: string, secret: string): Promise<string | undefined> {
    const entries = await store.find(hookId);
    return entries.find((entry) => secretsEqual(decryptEntry(hookId, entry).secret, secret))?.secret;
  }

  return {
    durability: store.durability,
    cacheable: store.cacheable,

    async find(hookId) {
      const entries = await store.find(hookId);
      return entries.map((entry) => decryptEntry(hookId, entry));
    },

    open: (hookId, window) => store.open(hookId, window),

    async accept(hookId, secret, when) {
      const text = (await storedText(hookId, secret)) ?? current.encrypt(hookId, secret);
      return await store.accept(hookId, text, when);
    },

    async settle(hookId, windowId, secret, details) {
      if (secret === null) return await store.settle(hookId, windowId, null, details);
      const text = (await storedText(hookId, secret)) ?? current.encrypt(hookId, secret);
      return await store.settle(hookId, windowId, text, details);
    },

    async forget(hookId, which) {
      if (which === undefined || !('secret' in which)) return await store.forget(hookId, which);
      for (const cipher of ciphers) {
        await store.forget(hookId, { secret: cipher.encrypt(hookId, which.secret) });
      }
    },
  };
}

function createCipher(option: string, key: Uint8Array): Cipher {
  if (!types.isUint8Array(key) || key.length !== KEY_BYTES) {
    throw new HookshakeError(
      'invalid_option',
      `\`${option}\` must be ${option === 'key' ? '' : 'a list of keys, each '}${KEY_BYTES} bytes, such as randomBytes(${KEY_BYTES})`,
    );
  }
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', key, '', `hookshake ${purpose}`, KEY_BYTES));
  const encryptionKey = derive('encryption');
  const nonceKey = derive('nonce');
  const keyId = createHash('sha256').update(derive('key id')).digest('base64url').slice(0, 8);
  const prefix = `${PREFIX}.${keyId}.`;

  return {
    encrypt(hookId, secret) {
      const nonce = createHmac('sha256', nonceKey)
        .update(`${hookId}\n${secret}`)
        .digest()
        .subarray(0, NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', encryptionKey, nonce).setAAD(Buffer.from(hookId));
      const text = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return prefix + text.toString('base64url');
    },

    decrypt(hookId, text) {
      if (!text.startsWith(prefix)) return undefined;
      const bytes = Buffer.from(text.slice(prefix.length), 'base64url');
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', encryptionKey, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(hookId)).setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return (
          decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
        );
      } catch {
        // The tag does not hold: changed, or moved from another hook.
        return undefined;
      }
    },
  };
}
