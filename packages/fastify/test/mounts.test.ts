import { createReceiver, memorySecrets, type Outcome, type Receiver } from '@hookshake/core';
import asDefault, { hookshake } from '@hookshake/fastify';
import { delivery, event } from '@hookshake/testing';
import Fastify, { type FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';

const secret = '5f0c4e2a9b7d41e8a3c6f1d2e0b98765';

/** Which hook each target of an app is; `undefined` for a path that names none, `null` where the app has no route. */
type Targets = Readonly<Record<string, string | undefined | null>>;

interface Mount {
  readonly title: string;
  mount(app: FastifyInstance, receiver: Receiver): unknown;
  readonly targets: Targets;
}

const usual: Targets = {
  '/webhooks/asana': 'default',
  '/webhooks/asana/': 'default',
  '/webhooks/asana?a=1': 'default',
  '/webhooks/asana/bugs': 'bugs',
  '/webhooks/asana/bugs?a=/b%20c': 'bugs',
  '/webhooks/asana/teams/blue/': 'teams/blue',
  '/webhooks/asana/default': undefined,
  '/webhooks/asana/%62ugs': undefined,
  '/webhooks/asanas': null,
  '/': null,
};

const mounts: readonly Mount[] = [
  {
    title: 'a prefix',
    mount: (app, receiver) => app.register(hookshake, { receiver, prefix: '/webhooks/asana' }),
    targets: usual,
  },
  {
    title: 'a prefix, by the default export',
    mount: (app, receiver) => app.register(asDefault, { receiver, prefix: '/webhooks/asana' }),
    targets: usual,
  },
  {
    title: 'a prefix with a trailing slash',
    mount: (app, receiver) => app.register(hookshake, { receiver, prefix: '/webhooks/asana/' }),
    targets: { '/webhooks/asana/': 'default', '/webhooks/asana/bugs': 'bugs' },
  },
  {
    title: 'parent prefixes',
    mount: (app, receiver) =>
      app.register(
        async (outer) => {
          outer.register(
            async (inner) => {
              inner.register(hookshake, { receiver, prefix: '/asana' });
            },
            { prefix: '/webhooks' },
          );
        },
        { prefix: '/api' },
      ),
    targets: { '/api/webhooks/asana': 'default', '/api/webhooks/asana/bugs': 'bugs', '/api/webhooks': null },
  },
  {
    title: 'a parent prefix and none of its own',
    mount: (app, receiver) =>
      app.register(
        async (scope) => {
          scope.register(hookshake, { receiver });
        },
        { prefix: '/webhooks/asana' },
      ),
    targets: usual,
  },
  {
    title: 'no prefix at all',
    mount: (app, receiver) => app.register(hookshake, { receiver }),
    targets: { '/': 'default', '/bugs': 'bugs', '/teams/blue': 'teams/blue' },
  },
  {
    title: 'a prefix that ends in :hookId',
    mount: (app, receiver) => app.register(hookshake, { receiver, prefix: '/webhooks/:hookId' }),
    targets: {
      '/webhooks/bugs': 'bugs',
      '/webhooks/bugs/': 'bugs',
      '/webhooks/default': undefined,
      '/webhooks/%62ugs': undefined,
      '/webhooks/bugs/more': undefined,
    },
  },
  {
    title: 'a prefix that begins with :hookId',
    mount: (app, receiver) => app.register(hookshake, { receiver, prefix: '/:hookId/asana' }),
    targets: { '/bugs/asana': 'bugs', '/bugs/asana/more': undefined, '/a%2Fb/asana': undefined },
  },
  {
    title: 'a parent prefix with :hookId',
    mount: (app, receiver) =>
      app.register(
        async (scope) => {
          scope.register(hookshake, { receiver, prefix: '/asana' });
        },
        { prefix: '/:hookId' },
      ),
    targets: { '/bugs/asana': 'bugs' },
  },
  {
    title: 'registered twice',
    mount: (app, receiver) => {
      app.register(hookshake, { receiver, prefix: '/webhooks/asana' });
      app.register(hookshake, { receiver, prefix: '/other' });
    },
    targets: { ...usual, '/other': 'default', '/other/bugs': 'bugs' },
  },
];

function silent(): { receiver: Receiver; outcomes: Outcome[] } {
  const receiver = createReceiver({ secrets: memorySecrets(), logger: false });
  const outcomes: Outcome[] = [];
  receiver.observe((outcome) => outcomes.push(outcome));
  return { receiver, outcomes };
}

async function hookOf(app: FastifyInstance, outcomes: readonly Outcome[], target: string) {
  const before = outcomes.length;
  const { statusCode } = await app.inject(delivery([], { secret }).toInject(target));
  const outcome = outcomes[before];
  if (outcome?.kind !== 'request') return statusCode === 404 ? null : expect.unreachable(`${statusCode}`);
  expect([outcome.code, statusCode]).toEqual(['unknown_hook', 401]);
  return outcome.hookId;
}

describe('the hook id', () => {
  for (const { title, mount, targets } of mounts) {
    test(`${title}: every target names its hook`, async () => {
      const { receiver, outcomes } = silent();
      const app = Fastify();
      mount(app, receiver);
      const seen: Record<string, unknown> = {};
      for (const target of Object.keys(targets)) seen[target] = await hookOf(app, outcomes, target);
      expect(seen).toEqual(targets);
    });
  }

  for (const prefix of ['/:tenant/asana', '/:tenant/:hookId']) {
    test(`${prefix} and no rule fails on its first request, with a remedy in the log`, async () => {
      const log: string[] = [];
      const write = (_details: object, message: string) => void log.push(message);
      const secrets = memorySecrets();
      const receiver = createReceiver({
        secrets,
        logger: { warn: write, error: write },
        handshakes: () => true,
      });
      const app = Fastify();
      app.register(hookshake, { receiver, prefix });
      const shaken = { method: 'POST', headers: { 'x-hook-secret': secret } } as const;
      for (const url of ['/acme/asana', '/acme/asana/bugs']) {
        const { statusCode, body } = await app.inject({ ...shaken, url });
        expect([statusCode, body.split(':')[0]]).toEqual([500, 'mount_ambiguous']);
      }
      expect(log.join()).toMatch(/:hookId.*hookId: \(request\) =>/);
      expect(await secrets.find('default')).toEqual([]);
    });
  }

  test('comes from the hookId option, which tells tenants apart', async () => {
    const { receiver, outcomes } = silent();
    const app = Fastify();
    app.register(hookshake, {
      receiver,
      prefix: '/:tenant/asana',
      hookId: ({ params }) => `tenants/${(params as { tenant: string }).tenant}`,
    });
    expect(await hookOf(app, outcomes, '/acme/asana')).toBe('tenants/acme');
    expect(await hookOf(app, outcomes, '/umbrella/asana/')).toBe('tenants/umbrella');
  });
});

describe('a registration', () => {
  test.each<[string, object, RegExp]>([
    ['without a receiver', { prefix: '/asana' }, /needs a receiver/],
    [
      'with an option that it does not have',
      { receiver: silent().receiver, hookid: () => 'bugs' },
      /`hookid` is no option/,
    ],
  ])('%s rejects before a request can hang', async (_how, options, message) => {
    const app = Fastify();
    app.register(hookshake, options as { receiver: Receiver });
    await expect(app.ready()).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringMatching(message),
    });
  });

  test('of what looks like the middleware of Express rejects as well', async () => {
    const called: unknown = (hookshake as unknown as (receiver: Receiver) => unknown)(silent().receiver);
    await expect(called).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringMatching(/^register\(hookshake, \{ receiver, prefix \}\) needs a receiver/),
    });
  });

  test("takes the options that are Fastify's own", async () => {
    const app = Fastify();
    app.register(hookshake, {
      receiver: silent().receiver,
      prefix: '/asana',
      logLevel: 'warn',
      logSerializers: { hook: String },
    });
    await expect(app.ready()).resolves.toBeDefined();
  });
});

describe('the host', () => {
  test('keeps its parsers, those that it adds before and after us', async () => {
    const { receiver } = silent();
    const app = Fastify();
    app.addContentTypeParser('text/csv', { parseAs: 'string' }, (_request, body, done) =>
      done(null, `csv ${body}`),
    );
    app.register(hookshake, { receiver, prefix: '/webhooks/asana' });
    app.addContentTypeParser('text/tsv', { parseAs: 'string' }, (_request, body, done) =>
      done(null, `tsv ${body}`),
    );
    app.post('/echo', async ({ body }) => ({ body }));
    app.register((scope, _options, done) => {
      scope.post('/scoped', async ({ body }) => ({ body }));
      done();
    });
    for (const url of ['/echo', '/scoped']) {
      const send = async (type: string, payload: string) => {
        const answer = await app.inject({ method: 'POST', url, headers: { 'content-type': type }, payload });
        return [answer.statusCode, answer.json().body];
      };
      expect(await send('application/json', '{"a":1}')).toEqual([200, { a: 1 }]);
      expect(await send('text/plain', 'a')).toEqual([200, 'a']);
      expect(await send('text/csv', 'a')).toEqual([200, 'csv a']);
      expect(await send('text/tsv', 'a')).toEqual([200, 'tsv a']);
      expect((await send('application/xml', '<a/>'))[0]).toBe(415);
    }
  });

  test('may replace its parsers without taking our bodies', async () => {
    const { receiver } = silent();
    await receiver.expectHandshake('default');
    const actions: string[] = [];
    receiver.on('*', ({ action }) => void actions.push(action));
    const app = Fastify({ bodyLimit: 10 });
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) =>
      done(new Error('no bodies here')),
    );
    app.register(hookshake, { receiver, prefix: '/asana' });
    const shaken = { method: 'POST', url: '/asana', headers: { 'x-hook-secret': secret } } as const;
    expect((await app.inject(shaken)).headers['x-hook-secret']).toBe(secret);
    const added = delivery([event('task.added')], { secret });
    expect((await app.inject(added.toInject('/asana'))).statusCode).toBe(200);
    expect(actions).toEqual(['added']);
  });

  // An injected request never counts as complete, though all of it was read.
  test('keeps the connection of a large delivery that it injects', async () => {
    const { receiver } = silent();
    await receiver.expectHandshake('default');
    const app = Fastify();
    app.register(hookshake, { receiver, prefix: '/asana' });
    await app.inject({ method: 'POST', url: '/asana', headers: { 'x-hook-secret': secret } });
    const events = Array.from({ length: 1_000 }, () => event('task.added'));
    const { statusCode, headers } = await app.inject(delivery(events, { secret }).toInject('/asana'));
    expect([statusCode, headers.connection]).toEqual([200, 'keep-alive']);
  });

  test('sees our requests in its hooks, and its own error handler is not asked', async () => {
    const { receiver } = silent();
    const app = Fastify();
    const seen: string[] = [];
    app.addHook('onRequest', async ({ url }) => void seen.push(`request ${url}`));
    app.addHook('onResponse', async (_request, { statusCode }) => void seen.push(`response ${statusCode}`));
    app.setErrorHandler(() => void seen.push('error'));
    app.register(hookshake, { receiver, prefix: '/asana' });
    expect((await app.inject(delivery([], { secret }).toInject('/asana/bugs'))).statusCode).toBe(401);
    expect(seen).toEqual(['request /asana/bugs', 'response 401']);
  });

  test('can refuse a request before it reaches us', async () => {
    const { receiver, outcomes } = silent();
    const app = Fastify();
    app.addHook('onRequest', async (_request, reply) => await reply.code(429).send('slow down'));
    app.register(hookshake, { receiver, prefix: '/asana' });
    expect((await app.inject(delivery([], { secret }).toInject('/asana'))).statusCode).toBe(429);
    expect(outcomes).toEqual([]);
  });

  test('with two receivers has two sets of secrets', async () => {
    const app = Fastify();
    for (const prefix of ['/one', '/two']) {
      const { receiver } = silent();
      await receiver.expectHandshake('default');
      app.register(hookshake, { receiver, prefix });
    }
    await app.inject({ method: 'POST', url: '/one', headers: { 'x-hook-secret': secret } });
    await app.inject({ method: 'POST', url: '/two', headers: { 'x-hook-secret': `${secret}2` } });
    expect((await app.inject(delivery([], { secret }).toInject('/one'))).statusCode).toBe(200);
    expect((await app.inject(delivery([], { secret }).toInject('/two'))).statusCode).toBe(401);
  });
});
