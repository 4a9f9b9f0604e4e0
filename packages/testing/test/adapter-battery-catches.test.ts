import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { type HookRequest, HookshakeError, hookIdBelowMount, type Receiver } from '@hookshake/core';
import { type AdapterUnderTest, adapterBattery, serveListener } from '@hookshake/testing';
import { expect, test } from 'vitest';
import { answerAsHost } from './node-adapter.js';

const MOUNT = '/webhooks/asana';

/** The parts of a hand-written adapter, each of which can be done wrong. */
interface Parts {
  path(request: IncomingMessage): string;
  hookId(path: string, hookId: (() => string | undefined) | undefined): string | undefined;
  header(request: IncomingMessage, name: string): string | undefined;
  body(request: IncomingMessage, maxBytes: number, withinMs: number): Promise<Uint8Array>;
  answer(response: ServerResponse, said: Awaited<ReturnType<Receiver['receive']>>): void;
  isOurs(path: string): boolean;
  hostCalls: number;
}

const right: Parts = {
  path: ({ url = '' }) => url.replace(/^https?:\/\/[^/]*/, ''),
  hookId: (path, hookId) => (hookId ? hookId() : hookIdBelowMount(path.slice(MOUNT.length))),
  header: (request, name) => request.headers[name]?.toString(),
  body: readBody,
  answer: (response, { status, headers, body }) => response.writeHead(status, headers).end(body),
  isOurs: (path) => /^\/webhooks\/asana(?:[/?]|$)/.test(path),
  hostCalls: 1,
};

async function readBody(request: IncomingMessage, maxBytes: number, withinMs: number): Promise<Uint8Array> {
  if (request.readableDidRead) throw new HookshakeError('body_consumed', 'The body was read before');
  const late = new AbortController();
  const stalled = setTimeout(withinMs, undefined, { signal: late.signal }).then(() => {
    throw new HookshakeError('body_stalled', 'The body is late');
  });
  try {
    return await Promise.race([collect(request, maxBytes), stalled]);
  } finally {
    late.abort();
    stalled.catch(() => {});
  }
}

async function collect(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      length += chunk.length;
      if (length > maxBytes) throw new HookshakeError('body_too_large', 'The body is too large');
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof HookshakeError) throw error;
    throw new HookshakeError('body_aborted', 'The body broke off');
  }
  return Buffer.concat(chunks);
}

function adapterWith(wrong: Partial<Parts>): AdapterUnderTest {
  const parts = { ...right, ...wrong };
  return {
    serve: (receiver, { hookId, bodyReadBefore } = {}) =>
      serveListener(async (request, response) => {
        if (bodyReadBefore) await request.forEach(() => {});
        const path = parts.path(request);
        if (!parts.isOurs(path)) return await answerAsHost(request, response, () => parts.hostCalls);
        const said = await receiver.receive({
          method: request.method ?? '',
          get hookId() {
            return parts.hookId(path, hookId);
          },
          header: (name) => parts.header(request, name),
          body: (maxBytes, withinMs) => parts.body(request, maxBytes, withinMs),
        } satisfies HookRequest);
        if (!response.destroyed) parts.answer(response, said);
      }),
  };
}

/** Which of the cases with these titles the adapter fails; together, since one that hangs has to be waited for. */
async function failures(adapter: AdapterUnderTest, titles: readonly string[]): Promise<readonly string[]> {
  const cases = adapterBattery.filter(({ title }) => titles.includes(title));
  const results = await Promise.allSettled(cases.map(({ run }) => run(adapter)));
  return cases.filter((_case, index) => results[index]?.status === 'rejected').map(({ title }) => title);
}

interface Flaw {
  readonly flaw: string;
  readonly wrong: Partial<Parts>;
  /** Cases that must catch it; others may as well. */
  readonly caughtBy: readonly string[];
}

const flaws: readonly Flaw[] = [
  {
    flaw: 'decodes the body to text before it is verified',
    wrong: { body: async (...args) => Buffer.from((await readBody(...args)).toString()) },
    caughtBy: [
      'a body not UTF-8 verifies and is then unreadable: 200, an error in the log, nothing handled',
      'a body compressed with gzip verifies and is then unreadable: 200, an error in the log, nothing handled',
    ],
  },
  {
    flaw: 'decodes each chunk for itself',
    wrong: {
      async body(request) {
        let text = '';
        for await (const chunk of request) text += chunk.toString();
        return Buffer.from(text);
      },
    },
    caughtBy: [
      'a character split over two chunks arrives whole',
      'a character split over two TCP segments arrives whole',
    ],
  },
  {
    flaw: 'serialises what it has parsed',
    wrong: {
      async body(...args) {
        const body = await readBody(...args);
        try {
          return Buffer.from(JSON.stringify(JSON.parse(body.toString())));
        } catch {
          return body;
        }
      },
    },
    caughtBy: [
      'a body with escaped slashes verifies',
      'a body with a number written 1.0 verifies',
      'a body with an unusual order of keys verifies',
    ],
  },
  {
    flaw: 'ignores the limit',
    wrong: { body: (request, _maxBytes, withinMs) => readBody(request, Number.POSITIVE_INFINITY, withinMs) },
    caughtBy: ['a body of the limit + 1 bytes is answered 413'],
  },
  {
    flaw: 'brings a smaller limit of its own',
    wrong: {
      body: (request, maxBytes, withinMs) => readBody(request, Math.min(maxBytes, 102_400), withinMs),
    },
    caughtBy: ['a delivery of 1,000 events is handled whole and in order'],
  },
  {
    flaw: 'closes the connection at a body that is too large',
    wrong: {
      answer(response, said) {
        right.answer(response, said);
        if (said.status === 413) response.req.destroy();
      },
    },
    caughtBy: [
      'a sender of far too much gets the 413 although it is still sending, and no reset in place of it',
    ],
  },
  {
    flaw: 'waits for the end of a stream that has ended',
    wrong: {
      body: (request) =>
        new Promise((resolve) => {
          const chunks: Uint8Array[] = [];
          request.on('data', (chunk) => chunks.push(chunk));
          request.on('end', () => resolve(Buffer.concat(chunks)));
        }),
    },
    caughtBy: [
      'a body that the host has read before fails at once with 500 and a remedy in the log',
      'an upload that is aborted half way is an outcome, and the next delivery is handled',
      'an upload that stalls is answered 408 in time',
    ],
  },
  {
    flaw: 'starts to listen for the body at the first chance and loses what came earlier',
    wrong: {
      async body(request, ...bounds) {
        request.resume();
        await setImmediate();
        const body = await readBody(request, ...bounds).catch(() => new Uint8Array());
        return body;
      },
    },
    caughtBy: ['a body that arrives while the store is still being asked is not lost'],
  },
  {
    flaw: 'lower-cases the signature',
    wrong: { header: (request, name) => right.header(request, name)?.toLowerCase() },
    caughtBy: ['a signature in capitals is answered 401 before the body is looked at'],
  },
  {
    flaw: 'takes the first of several headers',
    wrong: { header: (request, name) => request.headersDistinct[name]?.[0] },
    caughtBy: [
      'a signature sent twice is answered 401 before the body is looked at',
      'two X-Hook-Secret headers are no secret, neither of them is kept',
    ],
  },
  {
    flaw: 'takes an empty header for none',
    wrong: { header: (request, name) => right.header(request, name) || undefined },
    caughtBy: ['a secret that is empty, too long, or not visible ASCII is answered 400 and not kept'],
  },
  {
    flaw: 'looks for header names as they were written',
    wrong: {
      header: (request, name) => {
        const known = name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
        const at = request.rawHeaders.indexOf(known);
        return at === -1 ? undefined : request.rawHeaders[at + 1];
      },
    },
    caughtBy: ['the header of a handshake may be written x-hook-secret'],
  },
  {
    flaw: 'answers 204 to everything',
    wrong: { answer: (response, { headers }) => response.writeHead(204, headers).end() },
    caughtBy: [
      'a second handshake on a hook that has a secret is refused, and genuine deliveries still verify',
      "a signature made with another hook's secret never verifies",
      'a heartbeat is answered 200 and calls no event handler',
    ],
  },
  {
    flaw: 'does not echo the secret',
    wrong: { answer: (response, { status, body }) => response.writeHead(status).end(body) },
    caughtBy: [
      'an expected handshake is echoed byte for byte and its secret verifies deliveries from then on',
      'any method but POST is answered 405 with Allow: POST, and handles and stores nothing',
    ],
  },
  {
    flaw: 'leaves out Retry-After',
    wrong: {
      answer(response, { headers: { 'retry-after': _left, ...headers }, ...said }) {
        right.answer(response, { ...said, headers });
      },
    },
    caughtBy: ['closed while requests are in flight: those finish, new ones get 503 with Retry-After'],
  },
  {
    flaw: 'decodes the hook id',
    wrong: {
      hookId: (path, hookId) =>
        hookId ? hookId() : hookIdBelowMount(decodeURIComponent(path.slice(MOUNT.length))),
    },
    caughtBy: ['the path "%62ugs" names no hook: 401, no look-up, no handshake'],
  },
  {
    flaw: 'swallows what its hookId option throws',
    wrong: {
      hookId(path, hookId) {
        try {
          return right.hookId(path, hookId);
        } catch {
          return 'default';
        }
      },
    },
    caughtBy: ['a hookId option that throws is answered 500 with a code, and its message stays inside'],
  },
  {
    flaw: 'falls back to the path when its hookId option gives nothing',
    wrong: { hookId: (path, hookId) => hookId?.() ?? right.hookId(path, undefined) },
    caughtBy: ['a hookId option that gives nothing, or no hook id, is answered like an unknown hook'],
  },
  {
    flaw: 'knows no path in a whole URL',
    wrong: { path: ({ url = '' }) => url },
    caughtBy: ['a whole URL for a path, as it is sent to a proxy, names the same hook'],
  },
  {
    flaw: 'takes for its own what only begins like its mount',
    wrong: { isOurs: (path) => path.startsWith(MOUNT) },
    caughtBy: ['a path outside the mount goes to the host exactly once, its body untouched'],
  },
  {
    flaw: 'hands a request on twice',
    wrong: { hostCalls: 2 },
    caughtBy: ['a path outside the mount goes to the host exactly once, its body untouched'],
  },
];

test('the same adapter without a flaw passes the whole battery', async () => {
  const all = adapterBattery.map(({ title }) => title);
  expect(await failures(adapterWith({}), all)).toEqual([]);
});

for (const { flaw, wrong, caughtBy } of flaws) {
  test(`an adapter that ${flaw} is caught`, async () => {
    const caught = await failures(adapterWith(wrong), caughtBy);
    expect([...caught].sort()).toEqual([...caughtBy].sort());
  });
}
