import { type AsanaEvent, HookshakeError, sign } from '@hookshake/core';
import {
  assertSecret,
  type SampleRequest,
  type SampleRequestOptions,
  sampleRequest,
} from './sample-request.js';

/**
 * A delivery, signed over its exact bytes.
 *
 * @param events - The events; none for a heartbeat. Or the body itself, as text or bytes, where every byte counts.
 * @throws {@link HookshakeError} `invalid_option`.
 * @example
 * ```ts
 * await receiver.receive(delivery([event('task.added')], { secret, hookId: 'bugs' }));
 * await app.inject(delivery([], { secret }).toInject());
 * ```
 */
export function delivery(
  events: readonly AsanaEvent[] | string | Uint8Array,
  options: SampleRequestOptions,
): SampleRequest {
  const isBody = typeof events === 'string' || events instanceof Uint8Array;
  if (!isBody && !Array.isArray(events)) {
    throw new HookshakeError(
      'invalid_option',
      'delivery() needs a list of events, or a body as text or bytes',
    );
  }
  assertSecret('delivery()', options);
  const payload = isBody ? events : JSON.stringify({ events });
  const bytes = Buffer.from(payload);
  const own = {
    'content-type': 'application/json',
    'content-length': String(bytes.length),
    'x-hook-signature': sign(bytes, options.secret),
  };
  return sampleRequest(options, own, bytes);
}
