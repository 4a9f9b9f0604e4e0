import { inspect } from 'node:util';
import { createReceiver, memorySecrets, type Receiver } from '@hookshake/core';
import { createNodeHandler } from '@hookshake/core/node';
import { describe, expect, it } from 'vitest';
import {
  AsanaError,
  createAsanaClient,
  type EstablishOptions,
  establish,
  isAsanaError,
  type Token,
} from '../src/index.js';
import { deferred } from './support/deferred.js';
import { isHandshake, type Started, type StartOptions, serve, start } from './support/start.js';
import { STRANGERS_SECRET, stranger } from './support/stranger.js';

const DAY_AND_HOUR_MS = 25 * 3_600_000;

interface Failure {
  readonly title: string;
  readonly start?: StartOptions;
  /** Brings the failure about; may replace options of the call. */
  readonly arrange?: (
    asana: Started,
  ) => Partial<EstablishOptions> | undefined | Promise<Partial<EstablishOptions> | undefined>;
  readonly code: string;
  readonly says: RegExp;
}

const failures: readonly Failure[] = [
  {
    title: 'a target on localhost',
    start: { simulator: { allowLocalTargets: false } },
    code: 'target_not_public',
    says: /public https URL, or the simulator/,
  },
  {
    title: 'a target that answers something else than a receiver would',
    arrange: async () => ({ mountUrl: await serve((_, response) => void response.end('hello')) }),
    code: 'handshake_not_reached',
    says: /Does the target lead to the mount of a receiver/,
  },
  {
    title: 'a proxy that drops response headers',
    arrange: async ({ mountUrl }) => ({
      mountUrl: await serve(async (request, response) => {
        const { status } = await fetch(`${mountUrl}${request.url}`, {
          method: 'POST',
          headers: { 'x-hook-secret': String(request.headers['x-hook-secret']) },
        });
        response.writeHead(status).end();
      }),
    }),
    code: 'handshake_not_echoed',
    says: /proxy or tunnel drop response headers/,
  },
  {
    title: 'a target that does not answer in time',
    start: { simulator: { handshakeDeadlineMs: 50 } },
    arrange: (asana) => {
      asana.front = () => undefined;
      return undefined;
    },
    code: 'handshake_not_reached',
    says: /Can it answer while this process waits for Asana/,
  },
  {
    title: 'a target with a query that nobody else may know',
    arrange: () => ({ mountUrl: 'http://user:password@127.0.0.1:1/webhooks?let-me-in=marker' }),
    code: 'handshake_not_reached',
    says: /^(?!.*(?:marker|password)).* The target is http:\/\/127\.0\.0\.1:1\/webhooks\/[\w-]+(?: |\.|$)/,
  },
  {
    title: 'a target that cannot be reached',
    arrange: () => ({ mountUrl: 'http://127.0.0.1:1' }),
    code: 'handshake_not_reached',
    says: /No handshake reached/,
  },
  ...[
    { status: 301, says: /does not follow redirects/ },
    { status: 401, says: /asks for a login/ },
    { status: 403, says: /share one secret store/ },
    {
      status: 404,
      says: /mount the receiver at or above it\. The target is http:\/\/[\w.:]+\/webhooks\/asana\/[\w-]+\b/,
    },
    { status: 415, says: /body parser/ },
    { status: 500, says: /log of the receiver/ },
  ].map(({ status, says }) => ({
    title: `a target that answers ${status}`,
    arrange: (asana: Started) => {
      asana.front = (_, response) => void response.writeHead(status, { location: '/elsewhere' }).end();
      return undefined;
    },
    code: 'handshake_wrong_status',
    says,
  })),
  {
    title: 'a workspace without filters',
    arrange: ({ simulator }) => ({ resource: simulator.workspace }),
    code: 'filters_required',
    says: /needs filters, without `fields`/,
  },
  {
    title: 'a token that may not create',
    arrange: (asana) => ({ client: clientOf(asana, asana.simulator.token({ scopes: ['webhooks:read'] })) }),
    code: 'scope_missing',
    says: /webhooks:read, webhooks:write and webhooks:delete/,
  },
  {
    title: 'a token that Asana does not know',
    arrange: (asana) => ({ client: clientOf(asana, 'nobody-knows-this-token') }),
    code: 'token_invalid',
    says: /Make a new one/,
  },
  ...([400, 404] as const).map((unknownResourceStatus) => ({
    title: `a resource that does not exist, told by ${unknownResourceStatus}`,
    start: { simulator: { unknownResourceStatus } },
    arrange: () => ({ resource: '404404' }),
    code: 'not_found',
    says: /Check the gid/,
  })),
  {
    title: 'a 429 that does not end',
    arrange: ({ simulator }) => void simulator.inject({ fault: 'rate-limited', times: 4 }),
    code: 'rate_limited',
    says: /call less often/,
  },
  {
    title: 'a 500',
    arrange: ({ simulator }) => void simulator.inject({ fault: 'server-error' }),
    code: 'asana_unavailable',
    says: /Asana creates nothing/,
  },
  {
    title: 'an API that cannot be reached',
    arrange: (asana) => ({ client: clientOf(asana, asana.token, 'http://127.0.0.1:1') }),
    code: 'asana_unreachable',
    says: /Check the network and the apiUrl\. No handshake had come/,
  },
  {
    title: 'a lost 201',
    arrange: ({ simulator }) => {
      simulator.inject({ fault: 'answer-lost' });
      return { workspace: simulator.workspace };
    },
    code: 'asana_unreachable',
    says: /The webhook \d+, which was created, is deleted/,
  },
  {
    title: 'a withheld answer',
    start: { client: { timeoutMs: 2_000 } },
    arrange: ({ simulator }) => {
      simulator.inject({ fault: 'answer-withheld' });
      // A signal that never comes must not take the place of the time-out.
      return { workspace: simulator.workspace, signal: new AbortController().signal };
    },
    code: 'asana_unreachable',
    says: /The webhook \d+, which was created, is deleted/,
  },
  {
    title: 'another secret in the 201',
    arrange: ({ simulator }) => void simulator.inject({ fault: 'secret-differs' }),
    code: 'handshake_mismatch',
    says: /attempt to take the webhook over.+is deleted/,
  },
  {
    title: 'no secret in the 201',
    arrange: ({ simulator }) => void simulator.inject({ fault: 'secret-missing' }),
    code: 'secret_missing',
    says: /Check the apiUrl.+is deleted/,
  },
  {
    title: 'a stranger who is first in the window',
    arrange: ({ receiver, mountUrl }) => ({
      hookId: 'guessable',
      receiver: withStrangerFirst(receiver, `${mountUrl}/guessable`),
    }),
    code: 'handshake_taken',
    says: /Somebody else sent a handshake.+hook id nobody can guess/,
  },
  {
    title: 'a stranger who is first, and another receiver that answers Asana',
    arrange: (asana) => {
      const other = createOtherReceiver();
      asana.front = async (request, response, pass) => {
        const isAsanas = isHandshake(request) && request.headers['x-hook-secret'] !== STRANGERS_SECRET;
        await (isAsanas ? other(request, response) : pass());
      };
      return {
        hookId: 'guessable',
        receiver: withStrangerFirst(asana.receiver, `${asana.mountUrl}/guessable`),
      };
    },
    code: 'handshake_mismatch',
    says: /check who answers at the target.+is deleted/,
  },
  {
    title: 'a receiver on another store that answers the handshake',
    arrange: async () => ({ mountUrl: await serve(createOtherReceiver()) }),
    code: 'handshake_elsewhere',
    says: /not with a receiver on this secret store.+is deleted/,
  },
  {
    title: 'a store that confirms but fails to say so',
    start: { secrets: failingToTell() },
    code: 'store_failed',
    says: /store failed.+is deleted/,
  },
  {
    title: 'a token that cannot be fetched',
    arrange: (asana) => ({ client: clientOf(asana, () => Promise.reject(new Error('the vault is closed'))) }),
    code: 'token_failed',
    // Nothing was asked, so there is nothing to say of what Asana may have done.
    says: /gave no token in time$/,
  },
  {
    title: 'a client of their own that throws what it likes',
    arrange: ({ client }) => ({
      client: {
        webhooks: { ...client.webhooks, create: () => Promise.reject(new Error('out of paper')) },
      },
    }),
    code: 'client_failed',
    says: /see its cause/,
  },
];

describe('establish, when it fails', () => {
  const cases = failures.map((failure) => [failure.title, failure] as const);
  it.each(cases)('leaves nothing of its own behind after %s', async (_, failure) => {
    const asana = await start(failure.start);
    const arranged = (await failure.arrange?.(asana)) ?? {};
    const error = await failureOf(asana, arranged);

    expect([error.code, error.message]).toEqual([failure.code, expect.stringMatching(failure.says)]);
    expect(await asana.webhooks()).toEqual([]);
    expect(await asana.secrets.left()).toEqual([]);
    expect(asana.secrets.opened.size).toBe(1);
    expect(await asana.secrets.openWindows()).toEqual([]);
    // Never twice, but for 429.
    expect(asana.calls.filter((call) => call.startsWith('POST')).length).toBeLessThanOrEqual(
      failure.code === 'rate_limited' ? 4 : 1,
    );
    expect(asana.handled).toEqual([]);
    expectNoSecrets(asana, error);
  });

  it('asks Asana nothing more after a refusal', async () => {
    const asana = await start({ simulator: { allowLocalTargets: false } });
    await failureOf(asana, { workspace: asana.simulator.workspace });
    expect(asana.calls).toEqual(['POST /api/1.0/webhooks']);
  });

  it('gives Asana’s own words too', async () => {
    const asana = await start();
    const error = await failureOf(asana, { resource: '404404' });
    expect(error).toMatchObject({
      status: 400,
      asanaMessage: 'resource: Unknown object: 404404',
      help: expect.stringContaining('https://developers.asana.com/docs/errors'),
      cause: { code: 'not_found' },
    });
  });

  it('names the webhook that exists already, and leaves it alone', async () => {
    const asana = await start();
    const { simulator } = asana;
    const first = await run(asana, { hookId: 'bugs' });
    const error = await failureOf(asana, { hookId: 'bugs', workspace: simulator.workspace });
    expect(error).toMatchObject({ code: 'webhook_exists', status: 403, webhook: first.webhook.gid });
    expect(error.message).toMatch(/already/);
    expect((await failureOf(asana, { hookId: 'bugs' })).webhook).toBeUndefined();

    expect((await asana.webhooks()).map(({ gid }) => gid)).toEqual([first.webhook.gid]);
    expect(await asana.secrets.left()).toMatchObject([{ webhook: first.webhook.gid }]);
    simulator.change(asana.task, { field: 'name' });
    await simulator.flush();
    expect(asana.handled).toHaveLength(1);
  });

  it('still says that the webhook exists when the token may not list', async () => {
    const asana = await start();
    await run(asana, { hookId: 'bugs' });
    const client = clientOf(asana, asana.simulator.token({ scopes: ['webhooks:write'] }));
    const error = await failureOf(asana, { hookId: 'bugs', workspace: asana.simulator.workspace, client });
    expect([error.code, error.webhook]).toEqual(['webhook_exists', undefined]);
  });

  it.each([
    ['without a workspace', () => ({})],
    [
      'under a hook id that others may use too',
      ({ simulator }: Started) => ({ hookId: 'bugs', workspace: simulator.workspace }),
    ],
  ])('says that a webhook of a lost 201 starves %s, and it does', async (_, optionsFor) => {
    const asana = await start();
    const { simulator } = asana;
    simulator.inject({ fault: 'answer-lost' });
    const error = await failureOf(asana, optionsFor(asana));
    expect(error.code).toBe('asana_unreachable');
    expect(error.message).toMatch(/deliveries are refused and Asana deletes it within a day/);
    expect(asana.calls.some((call) => call.startsWith('DELETE'))).toBe(false);
    expect(await asana.webhooks()).toHaveLength(1);
    expect(await asana.secrets.left()).toEqual([]);

    simulator.change(asana.task, { field: 'name' });
    await simulator.advance(DAY_AND_HOUR_MS);
    expect(await asana.webhooks()).toEqual([]);
    expect(asana.handled).toEqual([]);
  });

  it('names the webhook that the token may not delete, and it starves', async () => {
    const asana = await start();
    const { simulator } = asana;
    simulator.inject({ fault: 'secret-differs' });
    const client = clientOf(asana, simulator.token({ scopes: ['webhooks:read', 'webhooks:write'] }));
    const error = await failureOf(asana, { client });
    const [left] = await asana.webhooks();
    expect(error).toMatchObject({ code: 'handshake_mismatch', webhook: left?.gid });
    expect(error.message).toContain(`The webhook ${left?.gid} could not be deleted; its secret is forgotten`);
    expect(await asana.secrets.left()).toEqual([]);

    simulator.change(asana.task, { field: 'name' });
    await simulator.advance(DAY_AND_HOUR_MS);
    expect(await asana.webhooks()).toEqual([]);
    expect(asana.handled).toEqual([]);
  });

  it('does not mind that the webhook it made is deleted already', async () => {
    const asana = await start();
    const { client } = asana;
    asana.simulator.inject({ fault: 'secret-differs' });
    const error = await failureOf(asana, {
      client: {
        webhooks: {
          ...client.webhooks,
          async delete(gid) {
            await client.webhooks.delete(gid);
            await client.webhooks.delete(gid);
          },
        },
      },
    });
    expect(error.message).toMatch(/which was created, is deleted$/);
  });

  it('deletes the webhook while the store is down, whose secret then dies by itself', async () => {
    let now = 1_000_000;
    let isDown = false;
    const inner = memorySecrets({ now: () => now });
    const asana = await start({
      secrets: {
        ...inner,
        settle: (...args) => {
          if (isDown) throw new Error('the store is down');
          return inner.settle(...args);
        },
      },
    });
    asana.front = async (request, _, pass) => {
      await pass();
      isDown = isHandshake(request) || isDown;
    };
    const error = await failureOf(asana);
    expect(error.code).toBe('store_failed');
    expect(error.message).toMatch(
      /could not be told: the window closes by itself within 8 minutes.+is deleted$/,
    );
    expect(await asana.webhooks()).toEqual([]);

    isDown = false;
    expect(await asana.secrets.left()).toMatchObject([{ pending: true }]);
    now += 600_000;
    expect(await asana.secrets.left()).toEqual([]);
    expect(await asana.secrets.openWindows()).toEqual([]);
  });

  it('says that a client of their own failed when that cannot list, and has done nothing', async () => {
    const asana = await start();
    const list = () => {
      throw new Error('out of paper');
    };
    const error = await failureOf(asana, {
      client: { webhooks: { ...asana.client.webhooks, list } },
      hookId: 'bugs',
      workspace: asana.simulator.workspace,
      ifExists: 'keep',
    });
    expect([error.code, error.message]).toEqual(['client_failed', expect.stringMatching(/see its cause$/)]);
    expect([asana.calls, asana.secrets.opened.size]).toEqual([[], 0]);
  });

  it('rejects with what the receiver says when no window can be opened, and asks Asana nothing', async () => {
    const asana = await start();
    await asana.receiver.expectHandshake('bugs');
    await expect(run(asana, { hookId: 'bugs' })).rejects.toMatchObject({ code: 'window_already_open' });
    await asana.receiver.close();
    await expect(run(asana)).rejects.toMatchObject({ code: 'receiver_closed' });
    expect(asana.calls).toEqual([]);
  });
});

describe('establish, when it is aborted', () => {
  it('does nothing if that was before it began', async () => {
    const asana = await start();
    const error = await failureOf(asana, { signal: AbortSignal.abort() });
    expect(error.code).toBe('aborted');
    expect([asana.calls, asana.secrets.opened.size]).toEqual([[], 0]);
  });

  it('refuses the handshake that comes after, so that Asana creates nothing', async () => {
    const asana = await start();
    const controller = new AbortController();
    const failed = deferred<void>();
    const answered = deferred<number>();
    asana.front = async (_, response, pass) => {
      controller.abort();
      await failed.promise;
      await pass();
      answered.resolve(response.statusCode);
    };
    const error = await failureOf(asana, { signal: controller.signal });
    failed.resolve();
    expect(error.code).toBe('aborted');
    expect(error.message).toMatch(/one that comes now is refused, so Asana creates nothing/);
    expect(await answered.promise).toBe(403);
    await asana.simulator.flush();
    expect(await asana.webhooks()).toEqual([]);
    expect(await asana.secrets.left()).toEqual([]);
    expect(await asana.secrets.openWindows()).toEqual([]);
  });

  it('deletes what Asana had created by then', async () => {
    const controller = new AbortController();
    const asana = await start({
      // The heartbeat comes once the webhook exists.
      simulator: { onDelivery: ({ kind }) => kind === 'heartbeat' && controller.abort() },
    });
    const { simulator } = asana;
    simulator.inject({ fault: 'answer-withheld' });
    const error = await failureOf(asana, { signal: controller.signal, workspace: simulator.workspace });
    expect(error.code).toBe('aborted');
    expect(error.message).toMatch(/which was created, is deleted/);
    expect(await asana.webhooks()).toEqual([]);
    expect(await asana.secrets.left()).toEqual([]);
  });

  it('ends the waiting that a 429 asks for', async () => {
    const controller = new AbortController();
    const asana = await start({
      client: {
        wait: async () => {
          controller.abort();
        },
      },
    });
    asana.simulator.inject({ fault: 'rate-limited' });
    const error = await failureOf(asana, { signal: controller.signal });
    expect(error.code).toBe('aborted');
    expect(await asana.webhooks()).toEqual([]);
    expect(await asana.secrets.openWindows()).toEqual([]);
  });
});

function run(asana: Started, options: Partial<EstablishOptions> = {}) {
  const { client, receiver, mountUrl, project } = asana;
  return establish({ client, receiver, mountUrl, resource: project, ...options });
}

async function failureOf(asana: Started, options?: Partial<EstablishOptions>): Promise<AsanaError> {
  const error = await run(asana, options).then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!isAsanaError(error)) throw error;
  expect(error).toBeInstanceOf(AsanaError);
  return error;
}

/** Neither the error nor the log shows the token or a secret. */
function expectNoSecrets({ simulator, token, logged }: Started, error: unknown): void {
  const shown = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true }) + logged.join('\n');
  const secrets = simulator.deliveries().flatMap(({ headers }) => headers['x-hook-secret'] ?? []);
  for (const secret of [token, 'nobody-knows-this-token', STRANGERS_SECRET, ...secrets]) {
    expect(shown).not.toContain(secret);
  }
}

function clientOf({ calls, waits, simulator }: Started, token: Token, apiUrl = simulator.apiUrl) {
  return createAsanaClient({
    token,
    apiUrl,
    wait: async (ms) => void waits.push(ms),
    fetch: (input, init) => {
      calls.push(`${init?.method} ${new URL(String(input)).pathname}`);
      return fetch(input, init);
    },
  });
}

/** A receiver in whose windows a stranger is always first, and tries to use what that gives. */
function withStrangerFirst(receiver: Receiver, target: string): EstablishOptions['receiver'] {
  return {
    async expectHandshake(...args) {
      const window = await receiver.expectHandshake(...args);
      expect(await stranger.shakeHands(target)).toBe(200);
      expect(await stranger.deliver(target)).toBe(503);
      return window;
    },
    forget: receiver.forget,
  };
}

/** The handler of a receiver on another store that takes each handshake. */
function createOtherReceiver() {
  return createNodeHandler(
    createReceiver({ secrets: memorySecrets(), handshakes: () => true, logger: false }),
    { hookId: () => 'any' },
  );
}

function failingToTell() {
  const inner = memorySecrets();
  let failed = false;
  return {
    ...inner,
    async settle(...args: Parameters<typeof inner.settle>) {
      const result = await inner.settle(...args);
      if (result !== 'confirmed' || failed) return result;
      failed = true;
      throw new Error('the connection broke off');
    },
  };
}
