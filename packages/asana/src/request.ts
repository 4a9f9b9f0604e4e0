import { setTimeout } from 'node:timers/promises';
import { AsanaError, isAsanaError } from './asana-error.js';
import { readToken, type Token } from './read-token.js';
import { explainRefusal } from './refusal.js';

const MAX_TRIES = 4;
/** A longer Retry-After than this is given back to the caller, in milliseconds. */
const MAX_WAIT_MS = 60_000;
const FIRST_BACKOFF_MS = 250;

/** The longest time that a caller may give one try, in milliseconds. */
export const MAX_TIMEOUT_MS = 60_000;

/** No POST takes longer, all its waiting included, in milliseconds. */
export const LONGEST_POST_MS: number = MAX_TRIES * MAX_TIMEOUT_MS + (MAX_TRIES - 1) * MAX_WAIT_MS;

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | undefined>> | undefined;
  readonly data?: object | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type SendRequest = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  options?: RequestOptions,
) => Promise<Readonly<Record<string, unknown>>>;

/** An answer of Asana's, read to its end. */
export interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Waits, or rejects once the signal is aborted. */
export type Wait = (ms: number, signal?: AbortSignal) => Promise<void>;

/** What calls to Asana are made with. */
export interface RequestParts {
  readonly token: Token;
  readonly apiUrl: string;
  readonly timeoutMs: number;
  readonly fetch: typeof fetch;
  readonly wait: Wait;
}

/**
 * Sends calls to Asana's API. What got 429 was not done and is tried again after the time Asana asks for. What got a 5xx
 * or no answer may have been done, so only calls that may be repeated are: a POST never is.
 */
export function createRequest({ token, apiUrl, timeoutMs, fetch, wait }: RequestParts): SendRequest {
  return async function request(method, path, { query = {}, data, signal } = {}) {
    const call = `${method} ${path}`;
    const url = new URL(`${apiUrl}${path}`);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, value);
    }

    for (let tries = 1; ; tries++) {
      const answer = await send().catch(explainSilence);
      if (!isAsanaError(answer) && answer.ok) return answer.body;

      const error = isAsanaError(answer) ? answer : explainRefusal(call, answer);
      const waitMs = tries < MAX_TRIES ? waitBeforeNext(tries, method, error) : undefined;
      if (waitMs === undefined) throw error;
      await wait(waitMs, signal).catch((cause) => {
        throw explainSilence(cause);
      });
    }

    async function send(): Promise<Answer> {
      const timeout = AbortSignal.timeout(timeoutMs);
      const trySignal = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
      const response = await fetch(url, {
        method,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${await readToken(token, trySignal)}`,
          ...(data !== undefined && { 'content-type': 'application/json' }),
        },
        ...(data !== undefined && { body: JSON.stringify({ data }) }),
        // Following one would make a GET of a POST.
        redirect: 'manual',
        signal: trySignal,
      });
      const { ok, status, headers } = response;
      const body = readJson(await response.text());
      if (ok && body === undefined) {
        throw new AsanaError(
          'asana_unreachable',
          `${call} was answered ${status}, but not by Asana. ${LOOK}`,
        );
      }
      return { ok, status, retryAfterMs: readRetryAfter(headers), body: body ?? {} };
    }

    function explainSilence(cause: unknown): AsanaError {
      if (signal?.aborted) throw new AsanaError('aborted', `${call} was aborted`, { cause });
      if (isAsanaError(cause, 'token_failed')) throw cause;
      if (isAsanaError(cause)) return cause;
      const message = `${call} got no whole answer, so it may or may not have been done. ${LOOK}`;
      return new AsanaError('asana_unreachable', message, { cause });
    }
  };
}

const LOOK = 'Check the network and the apiUrl';

/** How long to wait before the next try, in milliseconds; `undefined` if there is to be none. */
function waitBeforeNext(tries: number, method: string, error: AsanaError): number | undefined {
  const backoffMs = FIRST_BACKOFF_MS * 2 ** (tries - 1) * (1 + Math.random());
  if (error.status === 429) {
    const waitMs = error.retryAfterMs ?? backoffMs;
    return waitMs <= MAX_WAIT_MS ? waitMs : undefined;
  }
  const mayPass = error.status === undefined || error.status >= 500;
  return mayPass && method !== 'POST' ? backoffMs : undefined;
}

/** Asana gives seconds. */
function readRetryAfter(headers: Headers): number | undefined {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return seconds >= 0 ? seconds * 1_000 : undefined;
}

/** `undefined` for what is no JSON object: Asana's content network answers in HTML. */
function readJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // The parser's error would quote the text, which may hold a secret.
    return undefined;
  }
}

/** The real one. */
export const waitForReal: Wait = (ms, signal) => setTimeout(ms, undefined, { signal });
