import { createReceiver, memorySecrets, type Outcome, type Receiver } from '@hookshake/core';
import { hookshake } from '@hookshake/express';
import { delivery } from '@hookshake/testing';
import type { Express, RequestHandler } from 'express';
import request from 'supertest';
import { describe, expect, test } from 'vitest';
import { versions } from './express-adapter.js';

const secret = '5f0c4e2a9b7d41e8a3c6f1d2e0b98765';

/** Which hook each target of an app is; `undefined` for a path that names none, `null` where the app has no route. */
type Targets = Readonly<Record<string, string | undefined | null>>;

interface Mount {
  readonly title: string;
  mount(app: Express, asana: RequestHandler): void;
  readonly targets: Targets;
}

async function hookOf(app: Express, outcomes: readonly Outcome[], target: string) {
  const { headers, payload } = delivery([], { secret });
  const { status } = await request(app).post(target).set(headers).send(payload.toString());
  const outcome = outcomes.at(-1);
  if (outcome?.kind !== 'request')
    return status === 404 ? null : expect.unreachable(`${status} without an outcome`);
  expect([outcome.code, status]).toEqual(['unknown_hook', 401]);
  return outcome.hookId;
}

test.each<[string, unknown, object | undefined, RegExp]>([
  [
    'options where the receiver belongs',
    { receiver: {} },
    undefined,
    /hookshake\(receiver\) needs a receiver/,
  ],
  [
    'an option that there is none of',
    createReceiver({ secrets: memorySecrets(), logger: false }),
    { hookid: () => 'bugs' },
    /`hookid` is no option/,
  ],
])('hookshake() throws at %s', (_what, given, options, message) => {
  expect(() => hookshake(given as Receiver, options)).toThrow(
    expect.objectContaining({ code: 'invalid_option', message: expect.stringMatching(message) }),
  );
});

describe.each(versions)('%s', (name, express) => {
  const isOld = name === 'Express 4';
  const anything = isOld ? '*' : '/{*anything}';

  const mounts: readonly Mount[] = [
    {
      title: 'app.use',
      mount: (app, asana) => app.use('/webhooks/asana', asana),
      targets: {
        '/webhooks/asana': 'default',
        '/webhooks/asana/': 'default',
        '/webhooks/asana?a=1': 'default',
        '/webhooks/asana/bugs': 'bugs',
        '/webhooks/asana/teams/blue/': 'teams/blue',
        '/Webhooks/Asana/bugs': 'bugs',
        '/webhooks/asana/default': undefined,
        '/webhooks/asana/%62ugs': undefined,
        '/webhooks/asanas': null,
      },
    },
    {
      title: 'app.use with a trailing slash',
      mount: (app, asana) => app.use('/webhooks/asana/', asana),
      targets: { '/webhooks/asana': 'default', '/webhooks/asana/bugs': 'bugs' },
    },
    {
      title: 'app.use without a path',
      mount: (app, asana) => app.use(asana),
      targets: { '/': 'default', '/bugs': 'bugs', '/teams/blue': 'teams/blue' },
    },
    {
      title: 'app.post at a fixed path',
      mount: (app, asana) => app.post('/webhooks/asana', asana),
      targets: {
        '/webhooks/asana': 'default',
        '/webhooks/asana/': 'default',
        '/webhooks/asana?a=1': 'default',
        '/webhooks/asana/bugs': null,
      },
    },
    {
      title: 'app.post behind other handlers of the same route',
      mount: (app, asana) => app.post('/hooks', (_request, _response, next) => next(), asana),
      targets: { '/hooks': 'default' },
    },
    {
      title: 'routes whose handler a tracing agent wraps',
      mount(app, asana) {
        const wrapped: RequestHandler = (request, response, next) => asana(request, response, next);
        app.post('/hooks', wrapped);
        app.post('/hooks/:hookId', wrapped);
      },
      targets: { '/hooks': 'default', '/hooks/': 'default', '/hooks/bugs': 'bugs' },
    },
    {
      title: 'app.use behind routes of the same paths that passed on',
      mount(app, asana) {
        const [outer, inner] = [express.Router(), express.Router()];
        const pass: RequestHandler = (_request, _response, next) => next();
        for (const path of ['/bugs', '/chores']) inner.post(path, pass);
        inner.use(asana);
        outer.use('/asana', inner);
        app.use('/webhooks', outer);
      },
      targets: { '/webhooks/asana/bugs': 'bugs', '/webhooks/asana/chores/': 'chores' },
    },
    {
      title: 'app.route().all()',
      mount: (app, asana) => app.route('/hooks').all(asana),
      targets: { '/hooks': 'default' },
    },
    {
      title: 'nested routers',
      mount(app, asana) {
        const [outer, inner] = [express.Router(), express.Router()];
        inner.use('/asana', asana);
        outer.use('/webhooks', inner);
        app.use('/api', outer);
      },
      targets: {
        '/api/webhooks/asana': 'default',
        '/api/webhooks/asana/bugs': 'bugs',
        '/api/webhooks': null,
      },
    },
    {
      title: 'a route of a nested router',
      mount(app, asana) {
        const router = express.Router();
        router.post('/', asana);
        router.post('/:hookId', asana);
        app.use('/webhooks/asana', router);
      },
      targets: {
        '/webhooks/asana': 'default',
        '/webhooks/asana/': 'default',
        '/webhooks/asana/bugs': 'bugs',
        '/webhooks/asana/bugs/': 'bugs',
        '/webhooks/asana/default': undefined,
        '/webhooks/asana/a/b': null,
      },
    },
    {
      title: 'an app in an app',
      mount(app, asana) {
        const inner = express();
        inner.use('/asana', asana);
        app.use('/webhooks', inner);
      },
      targets: { '/webhooks/asana': 'default', '/webhooks/asana/bugs': 'bugs' },
    },
    {
      title: 'a route with :hookId',
      mount: (app, asana) => app.post('/webhooks/:hookId/asana', asana),
      targets: {
        '/webhooks/bugs/asana': 'bugs',
        '/webhooks/default/asana': undefined,
        '/webhooks/a%2Fb/asana': undefined,
        '/webhooks/%62ugs/asana': undefined,
      },
    },
    {
      title: 'a mount with :hookId, below which lies nothing',
      mount: (app, asana) => app.use('/:hookId/asana', asana),
      targets: {
        '/bugs/asana': 'bugs',
        '/bugs/asana/': 'bugs',
        '/bugs/asana/more': undefined,
        '/%62ugs/asana': undefined,
      },
    },
    {
      title: ':hookId of an outer router that passes its parameters on',
      mount(app, asana) {
        const router = express.Router({ mergeParams: true });
        router.use('/asana', asana);
        app.use('/:hookId', router);
      },
      targets: { '/bugs/asana': 'bugs' },
    },
    {
      title: 'a wildcard route',
      mount: (app, asana) => app.post(isOld ? '/webhooks/asana/*' : '/webhooks/asana/*path', asana),
      targets: {
        '/webhooks/asana/bugs': 'bugs',
        '/webhooks/asana/bugs?a=1': 'bugs',
        '/webhooks/asana/teams/blue': 'teams/blue',
        '/webhooks/asana/default': undefined,
        '/webhooks/asana/%62ugs': undefined,
        '/webhooks/asana/a%2Fb': undefined,
      },
    },
    {
      title: 'a wildcard route, with a trailing slash in the target',
      mount: (app, asana) => app.post(isOld ? '/webhooks/asana/*' : '/webhooks/asana/*path', asana),
      targets: { '/webhooks/asana/bugs/': 'bugs', '/webhooks/asana/teams/blue/': 'teams/blue' },
    },
    {
      title: 'app.use behind a route that called next()',
      mount(app, asana) {
        app.all(anything, (_request, _response, next) => next());
        app.use('/webhooks/asana', asana);
      },
      targets: { '/webhooks/asana': 'default', '/webhooks/asana/bugs': 'bugs' },
    },
    {
      title: 'app.post behind a route that called next()',
      mount(app, asana) {
        app.all(anything, (_request, _response, next) => next());
        app.post('/webhooks/asana', asana);
      },
      targets: { '/webhooks/asana': 'default' },
    },
    {
      title: 'the same handler, mounted twice',
      mount(app, asana) {
        app.use('/webhooks/asana', asana);
        app.post('/hooks', asana);
        app.use('/other', asana);
      },
      targets: {
        '/webhooks/asana/bugs': 'bugs',
        '/hooks': 'default',
        '/other': 'default',
        '/other/bugs': 'bugs',
      },
    },
  ];

  for (const { title, mount, targets } of mounts) {
    test(`${title}: every target names its hook`, async () => {
      const seen: Record<string, unknown> = {};
      for (const target of Object.keys(targets)) {
        const receiver = createReceiver({ secrets: memorySecrets(), logger: false });
        const outcomes: Outcome[] = [];
        receiver.observe((outcome) => outcomes.push(outcome));
        const app = express();
        mount(app, hookshake(receiver));
        seen[target] = await hookOf(app, outcomes, target);
      }
      expect(seen).toEqual(targets);
    });
  }

  const ambiguous: Readonly<Record<string, (app: Express, asana: RequestHandler) => void>> = {
    'a mount': (app, asana) => app.use('/:tenant/asana', asana),
    'a route': (app, asana) => app.post('/:tenant/asana', asana),
    'a mount with :hookId and another parameter': (app, asana) => app.use('/:tenant/asana/:hookId', asana),
    'a wildcard route with a parameter': (app, asana) =>
      app.post(isOld ? '/:tenant/asana/*' : '/:tenant/asana/*path', asana),
    'a router that passes its parameters on': (app, asana) => {
      const router = express.Router({ mergeParams: true });
      router.use('/asana', asana);
      app.use('/:tenant', router);
    },
  };

  for (const [what, mount] of Object.entries(ambiguous)) {
    test(`${what} with :tenant and no rule fails on its first request, with a remedy in the log`, async () => {
      const log: string[] = [];
      const write = (_details: object, message: string) => void log.push(message);
      const secrets = memorySecrets();
      const receiver = createReceiver({
        secrets,
        logger: { warn: write, error: write },
        handshakes: () => true,
      });
      const app = express();
      mount(app, hookshake(receiver));
      const shaken = await request(app).post('/acme/asana/x').set('x-hook-secret', secret);
      const { status, text } = shaken.status === 404 ? await request(app).post('/acme/asana') : shaken;
      expect([status, text.split(':')[0]]).toEqual([500, 'mount_ambiguous']);
      expect(log.join()).toMatch(/:hookId.*hookId: \(request\) =>/);
      expect(await secrets.find('default')).toEqual([]);
    });
  }

  test('the hookId option tells tenants apart', async () => {
    const receiver = createReceiver({ secrets: memorySecrets(), logger: false });
    const outcomes: Outcome[] = [];
    receiver.observe((outcome) => outcomes.push(outcome));
    const app = express();
    app.use('/:tenant/asana', hookshake(receiver, { hookId: ({ params }) => `tenants/${params['tenant']}` }));
    expect(await hookOf(app, outcomes, '/acme/asana')).toBe('tenants/acme');
    expect(await hookOf(app, outcomes, '/umbrella/asana')).toBe('tenants/umbrella');
  });

  test('two receivers in one app know only their own secrets', async () => {
    const app = express();
    for (const [mount, own] of [
      ['/one', secret],
      ['/two', `${secret}2`],
    ] as const) {
      const receiver = createReceiver({ secrets: memorySecrets(), logger: false });
      await receiver.expectHandshake('default');
      app.use(mount, hookshake(receiver));
      await request(app).post(mount).set('x-hook-secret', own).expect(200).expect('x-hook-secret', own);
    }
    const { headers, payload } = delivery([], { secret });
    await request(app).post('/one').set(headers).send(payload.toString()).expect(200);
    await request(app).post('/two').set(headers).send(payload.toString()).expect(401);
  });
});
