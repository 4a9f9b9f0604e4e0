import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type AsanaClientOptions, createAsanaClient } from '../src/index.js';
import { serve, start } from './support/start.js';

const FILTERS = [{ resource_type: 'task', action: 'changed', fields: ['name'] }];

describe('the client', () => {
  it('creates, reads, changes and deletes a webhook', async () => {
    const asana = await start({ handshakes: () => true });
    const { webhooks } = asana.client;
    const target = `${asana.mountUrl}/bugs`;
    const { webhook, secret } = await webhooks.create({ resource: asana.project, target });
    expect(await asana.secrets.find('bugs')).toEqual([{ secret }]);
    expect(await webhooks.get(webhook.gid)).toEqual(webhook);

    const updated = await webhooks.update(webhook.gid, { filters: FILTERS });
    expect(updated).toEqual({ ...webhook, filters: [{ ...FILTERS[0], resource_subtype: null }] });
    const { is_workspace_webhook, resource, ...listed } = { is_workspace_webhook: undefined, ...updated };
    expect(await asana.webhooks()).toMatchObject([{ ...listed, resource: { gid: resource.gid } }]);

    await webhooks.delete(webhook.gid);
    await expect(webhooks.get(webhook.gid)).rejects.toMatchObject({ code: 'not_found', status: 404 });
    await expect(webhooks.delete(webhook.gid)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('lists each webhook once, page after page, and only as many pages as are asked for', async () => {
    const asana = await start({ handshakes: () => true, simulator: { firstHeartbeat: 'never' } });
    const { webhooks } = asana.client;
    const { workspace } = asana.simulator;
    const made = new Set<string>();
    for (let hook = 0; hook < 103; hook++) {
      const target = `${asana.mountUrl}/${hook}`;
      made.add((await webhooks.create({ resource: asana.project, target })).webhook.gid);
    }
    asana.calls.length = 0;
    const listed: string[] = [];
    for await (const { gid } of webhooks.list({ workspace, resource: asana.project })) listed.push(gid);
    expect(listed).toEqual([...made]);
    expect(asana.calls).toHaveLength(2);
    for await (const { gid } of webhooks.list({ workspace })) if (gid !== '') break;
    expect(asana.calls).toHaveLength(3);

    const first = await webhooks.listPage({ workspace, limit: 60 });
    const second = await webhooks.listPage({ workspace, limit: 60, offset: first.nextOffset });
    expect([first.webhooks.length, second.webhooks.length, second.nextOffset]).toEqual([60, 43, undefined]);
    expect(await webhooks.listPage({ workspace, resource: asana.task })).toEqual({
      webhooks: [],
      nextOffset: undefined,
    });
  });

  it('waits for what a rate limit asks, until it is over', async () => {
    const asana = await start({
      simulator: { requestsPerMinute: 1 },
      client: { wait: (ms) => asana.simulator.advance(ms) },
    });
    const { workspace } = asana.simulator;
    const startedAt = asana.simulator.now().getTime();
    for (let call = 0; call < 3; call++) await asana.client.webhooks.listPage({ workspace });
    expect(asana.calls).toHaveLength(5);
    expect(asana.simulator.now().getTime() - startedAt).toBe(120_000);
  });

  it('gives a 429 back that asks for more than a minute', async () => {
    const asana = await start();
    const { workspace } = asana.simulator;
    asana.simulator.inject({ fault: 'rate-limited', retryAfterSeconds: 61 });
    await expect(asana.client.webhooks.listPage({ workspace })).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterMs: 61_000,
    });
    expect(asana.waits).toEqual([]);
  });

  it('repeats after a 5xx what may be repeated, three times, with growing pauses', async () => {
    const asana = await start();
    const { workspace } = asana.simulator;
    asana.simulator.inject({ fault: 'server-error', times: 3 });
    await asana.client.webhooks.listPage({ workspace });
    expect(asana.waits.map((ms) => Math.floor(Math.log2(ms / 250)))).toEqual([0, 1, 2]);

    asana.simulator.inject({ fault: 'server-error', times: 4 });
    await expect(asana.client.webhooks.delete('1')).rejects.toMatchObject({ code: 'asana_unavailable' });
    expect(asana.waits).toHaveLength(6);
  });

  it('never repeats a POST after a 5xx', async () => {
    const asana = await start();
    asana.simulator.inject({ fault: 'server-error' });
    const creating = asana.client.webhooks.create({ resource: asana.project, target: 'http://127.0.0.1:1' });
    await expect(creating).rejects.toMatchObject({ code: 'asana_unavailable', status: 500 });
    expect([asana.calls, asana.waits]).toEqual([['POST /api/1.0/webhooks'], []]);
  });

  it.each([
    [
      'a page of a content network',
      403,
      'text/html',
      '<html>no</html>',
      'asana_refused',
      /no message in JSON/,
    ],
    ['a redirect', 302, 'text/plain', '', 'asana_refused', /apiUrl redirects/],
    ['a 200 of something else', 200, 'text/html', '<html>hello</html>', 'asana_unreachable', /not by Asana/],
    ['a plan that is too small', 402, 'application/json', '{}', 'payment_required', /paid plan/],
    ['errors of no known form', 400, 'application/json', '{"errors":[null]}', 'asana_refused', /no message/],
  ])('explains %s', async (_, status, type, body, code, says) => {
    const apiUrl = await serve((_request, response) => {
      response.writeHead(status, { 'content-type': type, location: 'https://example.com/' }).end(body);
    });
    const { webhooks } = createAsanaClient({ token: 'any', apiUrl, wait: async () => {} });
    await expect(webhooks.get('1')).rejects.toMatchObject({ code, message: expect.stringMatching(says) });
  });

  it('does not show an answer that it could not read, which may hold a secret', async () => {
    const apiUrl = await serve(
      (_, response) => void response.writeHead(201).end('{"X-Hook-Secret":"0a1b2c"'),
    );
    const { webhooks } = createAsanaClient({ token: 'any', apiUrl });
    const error = await webhooks
      .create({ resource: '1', target: 'https://x.example' })
      .catch((reason) => reason);
    expect(error.code).toBe('asana_unreachable');
    expect(inspect(error, { depth: 9 })).not.toContain('0a1b');
  });

  it('asks a function for the token before each call', async () => {
    let asked = 0;
    const asana = await start();
    const client = createAsanaClient({
      apiUrl: asana.simulator.apiUrl,
      token: async () => {
        asked++;
        // As read from a file.
        return `${asana.token}\n`;
      },
    });
    await client.webhooks.listPage({ workspace: asana.simulator.workspace });
    await client.webhooks.listPage({ workspace: asana.simulator.workspace });
    expect(asked).toBe(2);
  });

  it.each<[string, AsanaClientOptions['token']]>([
    ['holds a line break', 'half-a\nsecret-token'],
    ['holds what no header can carry', () => 'secret-token-\u{1f511}'],
    ['is empty', () => ''],
    ['never comes', () => new Promise(() => {})],
    ['fails to come', () => Promise.reject(new Error('the vault is closed'))],
    [
      'is thrown at',
      () => {
        throw new Error('the vault is closed');
      },
    ],
  ])('sends nothing and shows nothing when the token %s', async (_, token) => {
    const calls: string[] = [];
    const apiUrl = await serve((request, response) => {
      calls.push(String(request.url));
      response.end('{}');
    });
    const { webhooks } = createAsanaClient({ token, apiUrl, timeoutMs: 20 });
    const error = await webhooks.get('1').catch((reason) => reason);
    expect(error.code).toBe('token_failed');
    expect(inspect(error, { depth: 9 })).not.toMatch(/secret-token/);
    expect(calls).toEqual([]);
  });

  it('can be aborted while it waits for real', async () => {
    const asana = await start();
    const controller = new AbortController();
    asana.simulator.inject({ fault: 'rate-limited' });
    const { webhooks } = createAsanaClient({
      token: asana.token,
      apiUrl: asana.simulator.apiUrl,
      fetch: async (...args) => {
        const response = await fetch(...args);
        setImmediate(() => controller.abort());
        return response;
      },
    });
    const listing = webhooks.listPage(
      { workspace: asana.simulator.workspace },
      { signal: controller.signal },
    );
    await expect(listing).rejects.toMatchObject({ code: 'aborted' });
  });

  it.each<[string, object]>([
    ['apiURL', { token: 'any', apiURL: 'https://app.asana.com/api/1.0' }],
    ['token', { token: '' }],
    ['token', {}],
    ['apiUrl', { token: 'any', apiUrl: 'app.asana.com' }],
    ['timeoutMs', { token: 'any', timeoutMs: 0 }],
    ['timeoutMs', { token: 'any', timeoutMs: 60_001 }],
    ['fetch', { token: 'any', fetch: 'undici' }],
    ['wait', { token: 'any', wait: 5 }],
  ])('rejects the option %s in %j', (name, options) => {
    expect(() => createAsanaClient(options as AsanaClientOptions)).toThrow(
      expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining(`\`${name}\``) }),
    );
  });

  it('does not take nothing for a gid, whose path would be that of all webhooks', async () => {
    const { client, calls } = await start();
    await expect(client.webhooks.get('')).rejects.toMatchObject({ code: 'invalid_option' });
    await expect(client.webhooks.delete('')).rejects.toMatchObject({ code: 'invalid_option' });
    expect(calls).toEqual([]);
  });
});

describe('the client, at something that is not quite Asana', () => {
  const clientOf = (answer: () => unknown, status = 200) =>
    createAsanaClient({ token: 'a-token', fetch: async () => Response.json(answer(), { status }) });

  it('ends a list that has no end', async () => {
    let page = 0;
    const { webhooks } = clientOf(() => ({ data: [], next_page: { offset: String(page++) } }));
    const listing = (async () => {
      for await (const { gid } of webhooks.list({ workspace: '1' })) expect(gid).toBe('never');
    })();
    await expect(listing).rejects.toMatchObject({ code: 'asana_unreachable' });
    expect(page).toBe(1_000);
  });

  it.each([[{}], [{ data: null }], [{ data: { gid: 7 } }], [{ data: [null] }]])(
    'rejects the answer %j',
    async (answer) => {
      const { webhooks } = clientOf(() => answer);
      const refused = expect.objectContaining({ code: 'asana_unreachable' });
      await expect(webhooks.get('1')).rejects.toEqual(refused);
      await expect(webhooks.create({ resource: '1', target: 'https://hooks.example' })).rejects.toEqual(
        refused,
      );
      await expect(webhooks.listPage({ workspace: '1' })).rejects.toEqual(refused);
    },
  );

  it('takes nothing for a gid that would lead to another path', async () => {
    const { webhooks } = clientOf(() => ({ data: {} }));
    for (const gid of ['', '.', '..', '../users', 'a/b', '1?x', '%2e']) {
      await expect(webhooks.delete(gid)).rejects.toMatchObject({ code: 'invalid_option' });
    }
  });

  it('puts no control characters and no endless text into its errors', async () => {
    const message = `\u001b[2Jfirst\r\nsecond ${'x'.repeat(10_000)}`;
    const { webhooks } = clientOf(() => ({ errors: [{ message }] }), 400);
    const error: unknown = await webhooks.get('1').catch((cause: unknown) => cause);
    expect(error).toMatchObject({ message: expect.stringContaining('first second') });
    expect(String(error)).not.toMatch(/\p{Cc}/u);
    expect(String(error).length).toBeLessThan(1_000);
  });
});
