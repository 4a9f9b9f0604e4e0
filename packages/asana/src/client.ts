import { AsanaError } from './asana-error.js';
import { assertGid, invalidOption, rejectUnknownOptions } from './invalid-option.js';
import type { Token } from './read-token.js';
import { createRequest, MAX_TIMEOUT_MS, type RequestParts, type Wait, waitForReal } from './request.js';
import { WEBHOOK_FIELDS, type Webhook, type WebhookFilter } from './webhook.js';

/** Options of {@link createAsanaClient}. */
export interface AsanaClientOptions {
  /** A personal access token or an OAuth token, or a function that gives one; called before each call. */
  readonly token: Token;
  /** @defaultValue `'https://app.asana.com/api/1.0'`; that of a simulator in development */
  readonly apiUrl?: string | undefined;
  /**
   * The longest time for one try of one call, in milliseconds, 1 to 60000. A creation includes a handshake, for which Asana
   * leaves the target 10 seconds.
   * @defaultValue 30000
   */
  readonly timeoutMs?: number | undefined;
  /** @defaultValue the global `fetch` */
  readonly fetch?: typeof fetch | undefined;
  /** How to wait between tries, for tests in which time does not pass. @defaultValue a timer */
  readonly wait?: Wait | undefined;
}

/** A page of a list. */
export interface WebhookPage {
  readonly webhooks: readonly Webhook[];
  /** Pass it as `offset` to get the next page; `undefined` on the last one. */
  readonly nextOffset: string | undefined;
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asana's webhook API. All calls reject with an {@link AsanaError}.
 * @see https://developers.asana.com/reference/webhooks
 */
export interface AsanaClient {
  readonly webhooks: {
    /**
     * Creates a webhook: the first of two parts, and the target has to do the second while this call is open. Never
     * repeated by itself, since Asana may have done it. {@link establish} does both parts.
     *
     * @returns The webhook, and the secret that its handshake brought, for comparison.
     */
    create(
      webhook: {
        readonly resource: string;
        readonly target: string;
        readonly filters?: readonly WebhookFilter[] | undefined;
      },
      options?: CallOptions,
    ): Promise<{ readonly webhook: Webhook; readonly secret: string | undefined }>;

    get(gid: string, options?: CallOptions): Promise<Webhook>;

    /** All webhooks of this app and user in a workspace, page after page as they are asked for. */
    list(
      scope: { readonly workspace: string; readonly resource?: string | undefined },
      options?: CallOptions,
    ): AsyncIterable<Webhook>;

    /** One page: `limit` is 1 to 100, 100 unless told. */
    listPage(
      scope: {
        readonly workspace: string;
        readonly resource?: string | undefined;
        readonly limit?: number | undefined;
        readonly offset?: string | undefined;
      },
      options?: CallOptions,
    ): Promise<WebhookPage>;

    /** Replaces all filters. Nothing else of a webhook can be changed. */
    update(
      gid: string,
      change: { readonly filters: readonly WebhookFilter[] },
      options?: CallOptions,
    ): Promise<Webhook>;

    /** Deletes a webhook for good. A delivery that is under way may still come. */
    delete(gid: string, options?: CallOptions): Promise<void>;
  };
}

/** Asana allows 10,000 webhooks; a list that goes on for longer has no end. */
const MAX_PAGES = 1_000;

/**
 * A client of Asana's webhook API. It waits when Asana says 429, and repeats after a 5xx what may be repeated.
 *
 * @throws {@link HookshakeError} `invalid_option`.
 * @example
 * ```ts
 * const client = createAsanaClient({ token: process.env.ASANA_TOKEN ?? '' });
 * for await (const webhook of client.webhooks.list({ workspace: '12345' })) console.log(webhook.gid, webhook.target);
 * ```
 */
export function createAsanaClient(options: AsanaClientOptions): AsanaClient {
  const request = createRequest(readClientOptions(options));

  const webhooks: AsanaClient['webhooks'] = {
    async create(data, { signal } = {}) {
      const answer = await request('POST', '/webhooks', { data, signal });
      const secret = answer['X-Hook-Secret'];
      return { webhook: webhookIn(answer['data']), secret: typeof secret === 'string' ? secret : undefined };
    },

    async get(gid, { signal } = {}) {
      return webhookIn((await request('GET', at(gid), { signal }))['data']);
    },

    async *list(scope, callOptions) {
      let offset: string | undefined;
      for (let pages = 0; pages === 0 || offset !== undefined; pages++) {
        if (pages === MAX_PAGES) throw notAsanas('a list without an end');
        const page = await webhooks.listPage({ ...scope, offset }, callOptions);
        yield* page.webhooks;
        offset = page.nextOffset;
      }
    },

    async listPage({ workspace, resource, limit = 100, offset }, { signal } = {}) {
      const query = { workspace, resource, limit: String(limit), offset, opt_fields: WEBHOOK_FIELDS };
      const answer = await request('GET', '/webhooks', { query, signal });
      const next = answer['next_page'] as { offset?: string } | null | undefined;
      const { data } = answer;
      if (!Array.isArray(data)) throw notAsanas('no list of webhooks');
      return { webhooks: data.map(webhookIn), nextOffset: next?.offset };
    },

    async update(gid, data, { signal } = {}) {
      return webhookIn((await request('PUT', at(gid), { data, signal }))['data']);
    },

    async delete(gid, { signal } = {}) {
      await request('DELETE', at(gid), { signal });
    },
  };
  return { webhooks };
}

function webhookIn(data: unknown): Webhook {
  if (typeof (data as { gid?: unknown } | null | undefined)?.gid === 'string') return data as Webhook;
  throw notAsanas('no webhook with a gid');
}

function notAsanas(what: string): AsanaError {
  return new AsanaError(
    'asana_unreachable',
    `The answer is not Asana's: it holds ${what}. Check apiUrl, and what stands between you and Asana`,
  );
}

function at(gid: string): string {
  // Without a gid the path would be that of all webhooks.
  assertGid('gid', gid);
  return `/webhooks/${encodeURIComponent(gid)}`;
}

function readClientOptions(options: AsanaClientOptions): RequestParts {
  const {
    token,
    apiUrl = 'https://app.asana.com/api/1.0',
    timeoutMs = 30_000,
    fetch = globalThis.fetch,
    wait = waitForReal,
    ...unknown
  } = options;
  rejectUnknownOptions(unknown, 'createAsanaClient');
  if (token === '')
    throw invalidOption('token', 'is empty; is the environment variable set that it comes from?');
  if (typeof token !== 'string' && typeof token !== 'function') {
    throw invalidOption('token', 'must be a token of Asana, or a function that gives one');
  }
  if (!URL.canParse(apiUrl)) throw invalidOption('apiUrl', 'must be a URL');
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > MAX_TIMEOUT_MS) {
    throw invalidOption('timeoutMs', `must be a whole number from 1 to ${MAX_TIMEOUT_MS}`);
  }
  if (typeof fetch !== 'function') throw invalidOption('fetch', 'must be a function');
  if (typeof wait !== 'function') throw invalidOption('wait', 'must be a function');
  return { token, apiUrl: apiUrl.replace(/\/+$/, ''), timeoutMs, fetch, wait };
}
