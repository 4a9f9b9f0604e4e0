import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { startAsana } from '../support/start-asana.js';
import { answering, startReceiver } from '../support/start-receiver.js';

const NO_SECRET =
  'The remote server which is intended to receive the webhook did not respond with the handshake secret.';
const WRONG_STATUS =
  'The remote server which is intended to receive the webhook responded with an incorrect status code: ';

describe('POST /webhooks', () => {
  test('sends the handshake within the call, and repeats the secret beside the record', async () => {
    const { call, simulator, project } = await startAsana();
    const receiver = await startReceiver();
    const { status, headers, body } = await call('POST', '/webhooks', {
      data: { resource: project, target: `${receiver.url}/bugs?key=1` },
    });
    expect(status).toBe(201);
    expect(receiver.handshakes.map(({ path }) => path)).toEqual(['/bugs?key=1']);
    expect(receiver.handshakes[0]?.headers['x-hook-secret']).toBe(body['X-Hook-Secret']);
    expect(headers.get('location')).toBe(`${simulator.apiUrl}/webhooks/${body.data.gid}`);
  });

  test('answers with the fields and nulls of real answers: gid and type first, already a success', async () => {
    const { call, project, simulator } = await startAsana();
    const receiver = await startReceiver();
    const target = `${receiver.url}/`;
    const filters = [
      { resource_type: 'task', action: 'changed', fields: ['completed'] },
      { resource_type: 'section' },
    ];
    const { body } = await call('POST', '/webhooks', { data: { resource: project, target, filters } });
    const now = simulator.now().toISOString();
    expect(Object.keys(body.data).slice(0, 2)).toEqual(['gid', 'resource_type']);
    expect(body.data).toEqual({
      gid: body.data.gid,
      resource_type: 'webhook',
      resource: { gid: project, resource_type: 'project', name: 'Bugs' },
      target,
      active: true,
      is_workspace_webhook: false,
      created_at: now,
      last_success_at: now,
      last_failure_at: null,
      last_failure_content: '',
      delivery_retry_count: 0,
      next_attempt_after: null,
      failure_deletion_timestamp: null,
      filters: [
        { resource_type: 'task', resource_subtype: null, action: 'changed', fields: ['completed'] },
        { resource_type: 'section', resource_subtype: null, action: null, fields: null },
      ],
    });
  });

  test('takes the form of the curl command in the documentation, and query parameters', async () => {
    const { call, project } = await startAsana();
    const receiver = await startReceiver();
    const form = await call('POST', '/webhooks', {
      form: { resource: project, target: `${receiver.url}/form` },
    });
    expect(form.status).toBe(201);
    const target = encodeURIComponent(`${receiver.url}/query`);
    const filters = encodeURIComponent('[{"resource_type":"task"}]');
    const query = await call('POST', `/webhooks?resource=${project}&target=${target}&filters=${filters}`);
    expect(query.status).toBe(201);
    expect(query.body.data.filters).toMatchObject([{ resource_type: 'task' }]);
  });

  test.each([
    ['empty', ''],
    ['{}', '{}'],
    ['{"events":[]}', '{"events":[]}'],
  ] as const)('sends the handshake with the body %s when told so', async (handshakeBody, body) => {
    const { subscribe, project } = await startAsana({
      handshakeBody,
      handshakeContentType: 'application/json',
    });
    const receiver = await startReceiver();
    await subscribe(project, receiver.url);
    expect(receiver.handshakes[0]?.body).toBe(body);
    expect(receiver.handshakes[0]?.headers['content-type']).toBe('application/json');
  });

  test('varies handshake bodies, content types and lengths of secrets unless told otherwise', async () => {
    const { subscribe, project } = await startAsana();
    const receiver = await startReceiver();
    for (let index = 0; index < 20; index += 1) await subscribe(project, `${receiver.url}/${index}`);
    const seen = (read: (index: number) => unknown) =>
      new Set(receiver.handshakes.map((_, index) => read(index)));
    expect(seen((index) => receiver.handshakes[index]?.body)).toEqual(new Set(['', '{}', '{"events":[]}']));
    expect(seen((index) => receiver.handshakes[index]?.headers['content-type'])).toEqual(
      new Set(['application/json', undefined]),
    );
    expect(seen((index) => String(receiver.handshakes[index]?.headers['x-hook-secret']).length)).toEqual(
      new Set([32, 64]),
    );
  });

  test('refuses a target that does not echo the secret, echoes another, or answers too late', async () => {
    const { call, project } = await startAsana({ handshakeDeadlineMs: 50 });
    const receiver = await startReceiver();
    const answers = [
      answerWith(200, {}),
      answerWith(200, { 'x-hook-secret': 'another' }),
      () => true, // never answered
    ];
    for (const intercept of answers) {
      receiver.intercept = intercept;
      const { status, body } = await call('POST', '/webhooks', {
        data: { resource: project, target: receiver.url },
      });
      expect([status, body.errors[0].message]).toEqual([400, NO_SECRET]);
      expect(body.errors[0].help).toContain('https://developers.asana.com/docs/errors');
    }
  });

  test('refuses a target that nobody listens on', async () => {
    const { call, project, simulator } = await startAsana();
    const target = `${simulator.url.replace(/\d+$/, '')}1`;
    const { status, body } = await call('POST', '/webhooks', { data: { resource: project, target } });
    expect([status, body.errors[0].message]).toEqual([400, NO_SECRET]);
  });

  test('refuses a target that answers with another status, redirects included, even with the secret', async () => {
    const { call, project } = await startAsana();
    const receiver = await startReceiver();
    for (const wrong of [201, 302, 401, 500]) {
      receiver.intercept = (incoming, response) => {
        const secret = String(incoming.headers['x-hook-secret']);
        response.writeHead(wrong, { 'x-hook-secret': secret, location: `${receiver.url}/elsewhere` }).end();
        return true;
      };
      const { status, body } = await call('POST', '/webhooks', {
        data: { resource: project, target: receiver.url },
      });
      expect([status, body.errors[0].message]).toEqual([400, `${WRONG_STATUS}${wrong}`]);
    }
    expect(receiver.handshakes).toEqual([]);
  });

  test('leaves nothing behind when the handshake fails: the same creation may be tried again', async () => {
    const { call, subscribe, project, simulator } = await startAsana();
    const receiver = await startReceiver();
    receiver.intercept = answerWith(500, {});
    await call('POST', '/webhooks', { data: { resource: project, target: receiver.url } });
    receiver.intercept = undefined;
    const gid = await subscribe(project, receiver.url);
    const list = await call('GET', `/webhooks?workspace=${simulator.workspace}`);
    expect(list.body.data).toMatchObject([{ gid }]);
  });

  test('refuses a second webhook of one user on one resource and target, also while the first one shakes hands', async () => {
    const { call, project } = await startAsana();
    const receiver = await startReceiver();
    const create = () => call('POST', '/webhooks', { data: { resource: project, target: receiver.url } });
    const answers = await Promise.all([create(), create()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 403]);
    const { status, body } = await create();
    expect(status).toBe(403);
    expect(body.errors[0].message).toBe(
      'Duplicated webhook. You already have an existing webhook for the given resource and target. Delete the old one before creating another.',
    );
  });

  test.each([
    'http://localhost:3000/hook',
    'https://app.localhost/',
    'https://127.0.0.1/',
    'https://10.1.2.3/',
    'https://192.168.0.9/',
    'https://[::1]/',
    'https://intranet/',
    'https://printer.local/',
    'ftp://example.com/',
    'not a url',
  ])('refuses the target %s, which Asana cannot reach, before any handshake', async (target) => {
    const { call, project, simulator } = await startAsana({ allowLocalTargets: false });
    const { status } = await call('POST', '/webhooks', { data: { resource: project, target } });
    expect(status).toBe(403);
    expect(simulator.deliveries()).toEqual([]);
  });

  test('refuses plain http when told so', async () => {
    const { call, project } = await startAsana({ allowHttpTargets: false });
    const receiver = await startReceiver();
    const { status } = await call('POST', '/webhooks', { data: { resource: project, target: receiver.url } });
    expect(status).toBe(403);
  });

  test('names what is missing or unknown', async () => {
    const { call, project } = await startAsana();
    const target = 'https://example.com/';
    const refusals = [
      [{ target }, 'You should specify one of resource'],
      [{ data: { resource: project, target } }, 'You should specify one of resource'],
      [{ resource: project }, 'target: Missing input'],
      [{ resource: '9999', target }, 'resource: Unknown object: 9999'],
      [{ resource: project, target, filters: [{ action: 'added' }] }, 'filters.resource_type: Missing input'],
    ] as const;
    for (const [data, message] of refusals) {
      const { status, body } = await call('POST', '/webhooks', { data });
      expect([status, body.errors[0].message]).toEqual([400, message]);
    }
  });

  test('wants filters on larger scopes, all of them listed and without fields', async () => {
    const { call, simulator } = await startAsana();
    const receiver = await startReceiver();
    const team = simulator.resource({ resource_type: 'team' });
    const create = (filters: readonly object[]) => {
      return call('POST', '/webhooks', { data: { resource: team, target: receiver.url, filters } });
    };
    for (const filters of [
      [],
      [{ resource_type: 'task' }],
      [{ resource_type: 'project', action: 'changed', fields: ['name'] }],
      [{ resource_type: 'team_membership', action: 'deleted' }],
    ]) {
      const { status, body } = await create(filters);
      expect(status).toBe(400);
      expect(body.errors[0].error).toBe('invalid_filters_for_larger_scoped_webhooks');
      expect(body.errors[0].user_message).toBe(body.errors[0].message);
    }
    expect((await create([{ resource_type: 'project', action: 'added' }])).status).toBe(201);
  });

  test('keeps the limits per resource and per user and app', async () => {
    const { call, project, task, simulator } = await startAsana({
      webhooksPerResource: 2,
      webhooksPerUserAndApp: 3,
    });
    const receiver = await startReceiver();
    const create = async (resource: string, path: string, token?: string) => {
      const data = { resource, target: `${receiver.url}${path}` };
      const { status } = await call('POST', '/webhooks', { data, ...(token === undefined ? {} : { token }) });
      return status;
    };
    const otherApp = simulator.token({ app: 'other' });
    expect(await Promise.all([create(project, '/1'), create(project, '/2')])).toEqual([201, 201]);
    expect(await create(project, '/3', otherApp)).toBe(403);
    expect([await create(task, '/4'), await create(simulator.workspace, '/5')]).toEqual([201, 400]);
    const section = simulator.resource({ resource_type: 'section', parent: project });
    expect(await create(section, '/6')).toBe(403);
    expect(await create(section, '/6', otherApp)).toBe(201);
  });

  test('creates, but loses the answer, when told so', async () => {
    const { call, project, simulator } = await startAsana({ seed: 3 });
    const receiver = await startReceiver();
    simulator.inject({ fault: 'answer-lost' });
    const creation = call('POST', '/webhooks', { data: { resource: project, target: receiver.url } });
    await expect(creation).rejects.toThrow('fetch failed');
    const list = await call('GET', `/webhooks?workspace=${simulator.workspace}`);
    expect(list.body.data).toMatchObject([{ target: receiver.url }]);
  });

  test('creates, but never answers, when told so', async () => {
    const { project, simulator } = await startAsana();
    const receiver = await startReceiver();
    simulator.inject({ fault: 'answer-withheld' });
    const headers = { authorization: `Bearer ${simulator.token()}`, 'content-type': 'application/json' };
    const creation = request(`${simulator.apiUrl}/webhooks`, { method: 'POST', headers });
    const broken = new Promise((resolve) => creation.on('error', resolve));
    creation.end(JSON.stringify({ data: { resource: project, target: receiver.url } }));
    await receiver.answered(2);
    await simulator.close();
    await broken;
    expect(simulator.deliveries().map(({ kind }) => kind)).toEqual(['handshake', 'heartbeat']);
  });

  test('tells another secret, or none, when told so', async () => {
    const { call, project, simulator } = await startAsana();
    const receiver = await startReceiver();
    simulator.inject({ fault: 'secret-differs' });
    const other = await call('POST', '/webhooks', {
      data: { resource: project, target: `${receiver.url}/1` },
    });
    expect(other.body['X-Hook-Secret']).toMatch(/^[0-9a-f]+$/);
    expect(other.body['X-Hook-Secret']).not.toBe(receiver.handshakes[0]?.headers['x-hook-secret']);
    simulator.inject({ fault: 'secret-missing' });
    const none = await call('POST', '/webhooks', {
      data: { resource: project, target: `${receiver.url}/2` },
    });
    expect(none.status).toBe(201);
    expect(none.body['X-Hook-Secret']).toBeUndefined();
  });

  test('repeats the handshake with the same secret when told so', async () => {
    const { subscribe, project, simulator } = await startAsana();
    const receiver = await startReceiver();
    simulator.inject({ fault: 'handshake-twice' });
    await subscribe(project, receiver.url);
    const secrets = receiver.handshakes.map(({ headers }) => headers['x-hook-secret']);
    expect(secrets).toHaveLength(2);
    expect(new Set(secrets).size).toBe(1);
  });

  test('creates the webhook even if its first heartbeat fails', async () => {
    const { subscribe, read, project } = await startAsana();
    const receiver = await startReceiver();
    receiver.intercept = answering(503, 'not yet');
    const record = await read(await subscribe(project, receiver.url));
    expect(record).toMatchObject({
      last_success_at: null,
      last_failure_content: '503 Service Unavailable\n\nnot yet',
    });
  });

  test('keeps the first heartbeat for after the answer, or back, when told so', async () => {
    const receiver = await startReceiver();
    const after = await startAsana({ firstHeartbeat: 'after-answer' });
    const webhook = await after.subscribe(after.project, receiver.url);
    expect(receiver.heartbeats).toEqual([]);
    expect((await after.read(webhook)).last_success_at).toBeNull();
    await after.simulator.flush();
    expect(receiver.heartbeats).toHaveLength(1);

    const never = await startAsana({ firstHeartbeat: 'never' });
    const quiet = await never.subscribe(never.project, `${receiver.url}/never`);
    await never.simulator.flush();
    expect(receiver.heartbeats).toHaveLength(1);
    expect((await never.read(quiet)).last_success_at).not.toBeNull();
  });
});

function answerWith(status: number, headers: Readonly<Record<string, string>>) {
  return (_: unknown, response: import('node:http').ServerResponse) => {
    response.writeHead(status, headers).end();
    return true;
  };
}
