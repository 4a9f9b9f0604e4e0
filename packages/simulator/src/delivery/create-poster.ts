import { setMaxListeners } from 'node:events';
import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { createGate } from './create-gate.js';

/** One request to a target. */
export interface Parcel {
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Real time until the whole answer must be there. */
  readonly deadlineMs: number;
  /** Pauses half way through the body. */
  readonly pauseMs?: number | undefined;
  /** Cuts the connection half way through the body. */
  readonly cut?: boolean | undefined;
}

/** What a target answered, or why there is no answer. */
export type Answer =
  | {
      readonly status: number;
      readonly statusText: string;
      readonly headers: IncomingHttpHeaders;
      /** Its first 10,000 characters. */
      readonly body: string;
    }
  | { readonly failure: 'timeout' | 'cut' | 'unreachable'; readonly detail: string };

/** Sends to targets, over connections that are kept, and never follows a redirect. */
export interface Poster {
  post(parcel: Parcel): Promise<Answer>;
  /** Cuts what is in flight; nothing is sent any more. */
  close(): void;
}

const LONGEST_ANSWER = 10_000;

export function createPoster({ concurrency }: { readonly concurrency: number }): Poster {
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
  const gate = createGate(concurrency);
  const closing = new AbortController();
  // One listener per request in flight, which the gate bounds.
  setMaxListeners(0, closing.signal);

  async function send(parcel: Parcel): Promise<Answer> {
    const first = await attempt(parcel);
    // A kept connection that the target closed at the same moment says nothing about the target.
    return first === 'stale' ? asAnswer(await attempt(parcel)) : first;
  }

  function attempt(parcel: Parcel): Promise<Answer | 'stale'> {
    if (closing.signal.aborted) return Promise.resolve(unreachable('The simulator is closed.'));
    return new Promise((resolve) => {
      const url = new URL(parcel.target);
      const body = Buffer.from(parcel.body);
      const options = {
        method: 'POST',
        headers: { ...parcel.headers, 'content-length': String(body.length) },
        signal: closing.signal,
      };
      const request =
        url.protocol === 'https:'
          ? httpsRequest(url, { ...options, agent: agents.https })
          : httpRequest(url, { ...options, agent: agents.http });
      let reason: Answer | undefined;
      let pause: NodeJS.Timeout | undefined;

      const deadline = setTimeout(
        () => giveUp({ failure: 'timeout', detail: `No answer within ${parcel.deadlineMs} ms.` }),
        parcel.deadlineMs,
      );
      request.on('response', (response) => {
        readAnswer(response).then(settle, () => settle(reason ?? unreachable('The answer broke off.')));
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        const isStale = reason === undefined && request.reusedSocket && error.code === 'ECONNRESET';
        settle(isStale ? 'stale' : (reason ?? unreachable(error.code ?? error.message)));
      });
      write();

      function write(): void {
        if (parcel.pauseMs === undefined && parcel.cut !== true) {
          request.end(body);
          return;
        }
        const half = Math.floor(body.length / 2);
        request.write(body.subarray(0, half), () => {
          if (parcel.cut === true) giveUp({ failure: 'cut', detail: 'The connection was cut on purpose.' });
          else pause = setTimeout(() => request.end(body.subarray(half)), parcel.pauseMs);
        });
      }

      function giveUp(why: Answer): void {
        reason = why;
        request.destroy();
        settle(why);
      }

      function settle(answer: Answer | 'stale'): void {
        clearTimeout(deadline);
        clearTimeout(pause);
        resolve(answer);
      }
    });
  }

  function close(): void {
    closing.abort();
    agents.http.destroy();
    agents.https.destroy();
  }

  return { post: (parcel) => gate(() => send(parcel)), close };
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  response.setEncoding('utf8');
  let body = '';
  for await (const text of response) {
    if (body.length < LONGEST_ANSWER) body += text;
  }
  return {
    status: response.statusCode ?? 0,
    statusText: response.statusMessage ?? '',
    headers: response.headers,
    body: body.slice(0, LONGEST_ANSWER),
  };
}

function asAnswer(answer: Answer | 'stale'): Answer {
  return answer === 'stale' ? unreachable('ECONNRESET') : answer;
}

function unreachable(detail: string): Answer {
  return { failure: 'unreachable', detail };
}
