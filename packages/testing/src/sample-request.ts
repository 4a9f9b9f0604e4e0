import { type HookRequest, HookshakeError } from '@hookshake/core';

/** A request as Asana would send it, in the forms that tests need. */
export interface SampleRequest extends HookRequest {
  readonly method: 'POST';
  readonly hookId: string;
  /** All headers by their lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body's exact bytes: those that were signed. */
  readonly payload: Buffer;
  /**
   * As a fetch `Request`.
   *
   * @param url - The target. @defaultValue `http://localhost/webhooks/asana`, and below it the hook id
   */
  toFetch(url?: string): Request;
  /**
   * As what Fastify's `inject` and light-my-request take.
   *
   * @param url - The target's path. @defaultValue `/webhooks/asana`, and below it the hook id
   */
  toInject(url?: string): InjectOptions;
}

/** A request for Fastify's `inject` and light-my-request. */
export interface InjectOptions {
  readonly method: 'POST';
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly payload: Buffer;
}

/** What {@link delivery} and {@link handshake} both take. */
export interface SampleRequestOptions {
  /** The secret of the webhook. */
  readonly secret: string;
  /** Which hook the target names. @defaultValue `'default'`: the mount itself */
  readonly hookId?: string | undefined;
  /** Further headers, or others in place of those that would be sent: a forged `x-hook-signature`, for example. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Without one, what goes out looks like a request and is another one. */
export function assertSecret(call: string, options: Partial<SampleRequestOptions> | undefined): void {
  if (typeof options?.secret === 'string') return;
  throw new HookshakeError('invalid_option', `${call} needs the secret of the webhook: { secret: '…' }`);
}

export function sampleRequest(
  { hookId = 'default', headers: extra = {} }: SampleRequestOptions,
  own: Readonly<Record<string, string>>,
  payload: Buffer,
): SampleRequest {
  const headers: Record<string, string> = { ...own };
  for (const [name, value] of Object.entries(extra)) headers[name.toLowerCase()] = value;
  const path = hookId === 'default' ? '/webhooks/asana' : `/webhooks/asana/${hookId}`;

  return {
    method: 'POST',
    hookId,
    headers,
    payload,
    header: (name) => headers[name],
    async body(maxBytes) {
      if (payload.length <= maxBytes) return payload;
      throw new HookshakeError('body_too_large', `The body is over ${maxBytes} bytes`);
    },
    toFetch: (url = `http://localhost${path}`) =>
      new Request(url, { method: 'POST', headers, body: new Uint8Array(payload) }),
    toInject: (url = path) => ({ method: 'POST', url, headers: { ...headers }, payload }),
  };
}
