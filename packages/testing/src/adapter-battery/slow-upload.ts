import { memorySecrets, type SecretStore, sign } from '@hookshake/core';
import type { RawConnection, RawResponse } from '../raw-connection.js';
import { requestBytes } from '../request-bytes.js';
import { MOUNT } from './adapter-under-test.js';
import type { Scene } from './scene.js';

/** A store that tells when it was asked, which is how the outside learns that a request's headers have arrived. */
export function watchFinds(): { readonly secrets: SecretStore; readonly found: () => Promise<void> } {
  const store = memorySecrets();
  let asked = () => {};
  const secrets: SecretStore = {
    ...store,
    async find(hookId) {
      const held = await store.find(hookId);
      asked();
      return held;
    },
  };
  return {
    secrets,
    found: () =>
      new Promise((resolve) => {
        asked = resolve;
      }),
  };
}

/** A delivery to the hook `bugs` that has been sent up to the middle of its body. */
export interface SlowUpload {
  readonly connection: RawConnection;
  /** Sends the rest. */
  finish(): Promise<RawResponse>;
}

/** Sends a signed delivery up to the middle of its body (or up to `at`), and waits until its headers have been judged. */
export async function slowStart(
  scene: Scene,
  found: () => Promise<void>,
  body: string | Uint8Array,
  secret: string,
  at?: number,
): Promise<SlowUpload> {
  const headers = { 'X-Hook-Signature': sign(body, secret), 'Content-Type': 'application/json' };
  const bytes = requestBytes({ path: `${MOUNT}/bugs`, headers, body });
  const bodyLength = Buffer.byteLength(body);
  const cut = bytes.length - bodyLength + (at ?? Math.floor(bodyLength / 2));
  const connection = await scene.connect();
  const judged = found();
  connection.write(bytes.subarray(0, cut));
  await judged;
  return {
    connection,
    async finish() {
      connection.write(bytes.subarray(cut));
      return await connection.answer();
    },
  };
}
