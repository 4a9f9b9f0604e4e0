import type { Deadline } from './deadline.js';
import { createHeldSecrets } from './held-secrets.js';
import type { HookRequest } from './http.js';
import type { RequestCode } from './outcome.js';
import { putLast } from './put-last.js';
import type { SecretStore, StoredSecret } from './secret-store.js';
import { isSignature, matches } from './signature.js';

/** Longest time for an upload, in milliseconds; less if the answer is due before. */
const UPLOAD_MS = 15_000;
/** After a longer one the secrets are looked up again: another process may have forgotten some meanwhile. */
const SLOW_UPLOAD_MS = 1_000;
const MAX_REMEMBERED_HOOKS = 10_000;

/** The bytes of a genuine delivery, and whether the secret that proved it has been confirmed. */
export interface VerifiedDelivery {
  readonly hookId: string;
  readonly body: Uint8Array;
  readonly confirmed: boolean;
}

export interface DeliveryVerifier {
  /** The delivery, proven genuine, or the code of what refuses it. Rejects with a code when the store or the body fails. */
  verify(
    hookId: string | undefined,
    request: HookRequest,
    deadline: Deadline,
  ): Promise<VerifiedDelivery | RequestCode>;
  /** Secrets of some hook were forgotten: what a delivery in flight has looked up counts no more. */
  forgotten(): void;
}

export function createDeliveryVerifier(store: SecretStore, maxBodyBytes: number): DeliveryVerifier {
  const secrets = createHeldSecrets(store);
  const lastMatched = new Map<string, string>();

  function match(hookId: string, held: readonly StoredSecret[], body: Uint8Array, signature: string) {
    for (const one of lastMatchedFirst(held, lastMatched.get(hookId))) {
      if (!matches(body, signature, one.secret)) continue;
      if (held.length > 1) putLast(lastMatched, hookId, one.secret, MAX_REMEMBERED_HOOKS);
      return one;
    }
    return undefined;
  }

  return {
    async verify(hookId, request, deadline) {
      const signature = request.header('x-hook-signature');
      if (!isSignature(signature)) return 'signature_malformed';
      if (hookId === undefined) return 'unknown_hook';

      let timesBefore = secrets.timesForgotten;
      let held = await secrets.find(hookId, deadline);
      if (held.length === 0) return 'unknown_hook';

      // A length that is announced may be a lie, but one that is over the limit need not be waited for.
      if (Number(request.header('content-length')) > maxBodyBytes) return 'body_too_large';
      const body = await request.body(maxBodyBytes, Math.min(UPLOAD_MS, deadline.remainingMs));

      if (deadline.elapsedMs >= SLOW_UPLOAD_MS) held = await secrets.find(hookId, deadline);
      while (secrets.timesForgotten !== timesBefore) {
        timesBefore = secrets.timesForgotten;
        held = await secrets.find(hookId, deadline);
      }
      let secret = match(hookId, held, body, signature);
      if (secret === undefined) {
        const newer = await secrets.findNewer(hookId, held, deadline);
        secret = newer && match(hookId, newer, body, signature);
      }
      if (secret === undefined) return 'signature_mismatch';
      return { hookId, body, confirmed: secret.pending !== true };
    },

    forgotten: secrets.forgotten,
  };
}

function lastMatchedFirst(held: readonly StoredSecret[], last: string | undefined): readonly StoredSecret[] {
  if (held.length < 2 || last === undefined) return held;
  return [...held].sort((a, b) => Number(b.secret === last) - Number(a.secret === last));
}
