import { types } from 'node:util';
import type { Deadline } from './deadline.js';
import { DeliveryInFlight } from './delivery-in-flight.js';
import type { Exchange } from './exchange.js';
import { createHeldSecrets } from './held-secrets.js';
import { HookshakeError } from './hookshake-error.js';
import type { HookRequest } from './http.js';
import type { RequestCode } from './outcome.js';
import { readEntries } from './payload.js';
import { putLast } from './put-last.js';
import { traceparentOf } from './read-request.js';
import type { SecretStore, StoredSecret } from './secret-store.js';
import { isSignature, matches } from './signature.js';

/** Longest time for an upload, in milliseconds; less if the answer is due before. */
const UPLOAD_MS = 15_000;
/** After a longer one the secrets are looked up again: another process may have forgotten some meanwhile. */
const SLOW_UPLOAD_MS = 1_000;
const MAX_REMEMBERED_HOOKS = 10_000;
/** Deliveries that are handled at once; more get 503. */
const MAX_HANDLING = 1_000;

export interface Deliveries {
  /**
   * Judges one delivery: one that is proven genuine is handed on, and what became of it is the answer. Rejects with a
   * code when the store, the body or the inbox fails.
   */
  take(request: HookRequest, exchange: Exchange): Promise<RequestCode>;
  /** Secrets of some hook were forgotten: what a delivery in flight has looked up counts no more. */
  forgotten(): void;
}

/** What is done with a delivery that is proven genuine. */
export type HandleDelivery = (delivery: DeliveryInFlight, deadline: Deadline) => Promise<RequestCode>;

export function createDeliveries(
  store: SecretStore,
  maxBodyBytes: number,
  handle: HandleDelivery,
): Deliveries {
  const secrets = createHeldSecrets(store);
  const lastMatched = new Map<string, string>();
  let handling = 0;

  function match(hookId: string, held: readonly StoredSecret[], body: Uint8Array, signature: string) {
    for (const one of lastMatchedFirst(held, lastMatched.get(hookId))) {
      if (!matches(body, signature, one.secret)) continue;
      if (held.length > 1) putLast(lastMatched, hookId, one.secret, MAX_REMEMBERED_HOOKS);
      return one;
    }
    return undefined;
  }

  return {
    async take(request, exchange) {
      const { hookId, deadline } = exchange;
      const signature = request.header('x-hook-signature');
      if (!isSignature(signature)) return 'signature_malformed';
      if (hookId === undefined) return 'unknown_hook';

      let timesBefore = secrets.timesForgotten;
      let held = await secrets.find(hookId, deadline);
      if (held.length === 0) return 'unknown_hook';

      // A length that is announced may be a lie, but one that is over the limit need not be waited for.
      if (Number(request.header('content-length')) > maxBodyBytes) return 'body_too_large';
      const body = await request.body(maxBodyBytes, Math.min(UPLOAD_MS, deadline.remainingMs));
      // An adapter of somebody's own may give what no type allows, such as text.
      if (!types.isUint8Array(body)) {
        throw new HookshakeError('body_consumed', 'The body must be a Uint8Array of its bytes as they came');
      }

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

      // Perhaps a stranger's: it proves that deliveries arrive, and no handler hears of it.
      if (secret.pending) return readEntries(body)?.length === 0 ? 'heartbeat' : 'not_confirmed';
      if (handling >= MAX_HANDLING) return 'overloaded';
      const delivery = new DeliveryInFlight(hookId, body, exchange.receivedAtMs, traceparentOf(request));
      exchange.delivery = delivery;
      handling++;
      try {
        return await handle(delivery, deadline);
      } finally {
        handling--;
      }
    },

    forgotten: secrets.forgotten,
  };
}

function lastMatchedFirst(held: readonly StoredSecret[], last: string | undefined): readonly StoredSecret[] {
  if (held.length < 2 || last === undefined) return held;
  return [...held].sort((a, b) => Number(b.secret === last) - Number(a.secret === last));
}
