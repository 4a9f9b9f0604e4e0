import {
  assertSecret,
  type SampleRequest,
  type SampleRequestOptions,
  sampleRequest,
} from './sample-request.js';

/**
 * The handshake of a webhook that is being created.
 *
 * @throws {@link HookshakeError} `invalid_option`.
 * @example
 * ```ts
 * await receiver.expectHandshake('bugs');
 * await receiver.receive(handshake({ secret, hookId: 'bugs' }));
 * ```
 */
export function handshake(options: SampleRequestOptions): SampleRequest {
  assertSecret('handshake()', options);
  const own = {
    'content-type': 'application/json',
    'content-length': '2',
    'x-hook-secret': options.secret,
  };
  return sampleRequest(options, own, Buffer.from('{}'));
}
