import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { AsanaEvent } from '../../src/index.js';

interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly events: readonly AsanaEvent[];
}

/** Answers instead of the receiver: true when it did. */
export type Intercept = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A receiver of this test's own: echoes secrets, remembers them by path, answers 401 to what does not verify. */
export interface FakeReceiver {
  readonly url: string;
  readonly handshakes: Received[];
  /** Verified deliveries with events. */
  readonly deliveries: Received[];
  readonly heartbeats: Received[];
  readonly rejected: Received[];
  /** All events of verified deliveries, in order of arrival. */
  events(): readonly AsanaEvent[];
  /** Resolves once so many requests were answered, handshakes included. */
  answered(requests: number): Promise<void>;
  intercept: Intercept | undefined;
}

export async function startReceiver(): Promise<FakeReceiver> {
  const secrets = new Map<string, string>();
  let count = 0;
  const waiting: { readonly requests: number; resolve(): void }[] = [];
  const notify = () => {
    for (const { requests, resolve } of waiting) if (count >= requests) resolve();
  };
  const receiver: FakeReceiver = {
    url: '',
    handshakes: [],
    deliveries: [],
    heartbeats: [],
    rejected: [],
    intercept: undefined,
    answered: (requests) => {
      return new Promise((resolve) => {
        waiting.push({ requests, resolve });
        notify();
      });
    },
    events: () => receiver.deliveries.flatMap(({ events }) => events),
  };
  const server = createServer((request, response) => {
    response.on('finish', () => {
      count += 1;
      notify();
    });
    if (receiver.intercept?.(request, response) === true) {
      request.resume();
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks).toString()));
  });

  function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    const path = request.url ?? '';
    const { headers } = request;
    const secret = headers['x-hook-secret'];
    if (typeof secret === 'string') {
      secrets.set(path, secret);
      receiver.handshakes.push({ path, headers, body, events: [] });
      response.writeHead(200, { 'x-hook-secret': secret }).end();
      return;
    }
    const expected = createHmac('sha256', secrets.get(path) ?? '')
      .update(body)
      .digest('hex');
    if (headers['x-hook-signature'] !== expected) {
      receiver.rejected.push({ path, headers, body, events: [] });
      response.writeHead(401).end('not verified');
      return;
    }
    const { events } = JSON.parse(body) as { events: AsanaEvent[] };
    (events.length === 0 ? receiver.heartbeats : receiver.deliveries).push({ path, headers, body, events });
    response.writeHead(200).end();
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(receiver, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

/** Answers everything but handshakes with this status. */
export function answering(status: number, body = ''): Intercept {
  return (request, response) => {
    if (request.headers['x-hook-secret'] !== undefined) return false;
    response.writeHead(status).end(body);
    return true;
  };
}

/** Never answers anything but handshakes. */
export const silent: Intercept = (request) => request.headers['x-hook-secret'] === undefined;
