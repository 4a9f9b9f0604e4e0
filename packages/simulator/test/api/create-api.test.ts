import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { startAsana } from '../support/start-asana.js';
import { startReceiver } from '../support/start-receiver.js';

describe('the API', () => {
  test('wants a bearer token that it gave out', async () => {
    const { call, simulator } = await startAsana();
    const path = `/webhooks?workspace=${simulator.workspace}`;
    for (const token of [null, 'unknown', '']) {
      const { status, body } = await call('GET', path, { token });
      expect([status, body.errors[0].message]).toEqual([401, 'Not Authorized']);
    }
  });

  test('wants the scope of each call', async () => {
    const { call, subscribe, project, simulator } = await startAsana();
    const receiver = await startReceiver();
    const gid = await subscribe(project, receiver.url);
    const calls = [
      ['POST', '/webhooks', 'webhooks:write'],
      ['GET', `/webhooks?workspace=${simulator.workspace}`, 'webhooks:read'],
      ['GET', `/webhooks/${gid}`, 'webhooks:read'],
      ['PUT', `/webhooks/${gid}`, 'webhooks:write'],
      ['DELETE', `/webhooks/${gid}`, 'webhooks:delete'],
    ] as const;
    const scopes = ['webhooks:read', 'webhooks:write', 'webhooks:delete', 'tasks:read'];
    for (const [method, path, scope] of calls) {
      const without = simulator.token({ scopes: scopes.filter((other) => other !== scope) });
      const refused = await call(method, path, { token: without });
      expect([refused.status, refused.body.errors[0].message]).toEqual([403, expect.stringContaining(scope)]);
      const allowed = await call(method, path, { token: simulator.token({ scopes: [scope] }) });
      expect(allowed.status).not.toBe(403);
    }
  });

  test('keeps the webhooks of users and apps apart', async () => {
    const { call, subscribe, project, simulator } = await startAsana();
    const receiver = await startReceiver();
    const gid = await subscribe(project, receiver.url);
    for (const token of [simulator.token({ user: '42' }), simulator.token({ app: 'other' })]) {
      const list = await call('GET', `/webhooks?workspace=${simulator.workspace}`, { token });
      expect(list.body.data).toEqual([]);
      for (const method of ['GET', 'DELETE'])
        expect((await call(method, `/webhooks/${gid}`, { token })).status).toBe(404);
    }
    const sameUserAndApp = await call('GET', `/webhooks/${gid}`, { token: simulator.token() });
    expect(sameUserAndApp.status).toBe(200);
  });

  test('has no other routes', async () => {
    const { call } = await startAsana();
    for (const [method, path] of [
      ['GET', '/tasks/1'],
      ['PATCH', '/webhooks/1'],
      ['DELETE', '/webhooks'],
    ] as const) {
      const { status, body } = await call(method, path);
      expect([status, body.errors[0].message]).toEqual([404, 'No matching route for request']);
    }
  });

  test('indents its answers when asked to, and only then', async () => {
    const { call, simulator } = await startAsana();
    const path = `/webhooks?workspace=${simulator.workspace}`;
    expect((await call('GET', path)).text).toBe('{"data":[],"next_page":null}');
    for (const parameter of ['opt_pretty', 'opt_pretty=true']) {
      expect((await call('GET', `${path}&${parameter}`)).text).toContain('\n  "data"');
    }
  });

  test('answers 429 with Retry-After, and 500 with a phrase, when told so', async () => {
    const { call, simulator } = await startAsana();
    const path = `/webhooks?workspace=${simulator.workspace}`;
    simulator.inject({ fault: 'rate-limited', retryAfterSeconds: 7, times: 2 });
    for (let index = 0; index < 2; index += 1) {
      const { status, headers, body } = await call('GET', path);
      expect([status, headers.get('retry-after')]).toEqual([429, '7']);
      expect(body.errors[0].message).toMatch(/^You've made too many requests and hit a rate limit\./);
    }
    simulator.inject({ fault: 'server-error' });
    const { status, body } = await call('GET', path);
    expect(status).toBe(500);
    expect(body.errors[0].message).toBe('Server Error');
    expect(body.errors[0].phrase?.split(' ')).toHaveLength(5);
    expect((await call('GET', path)).status).toBe(200);
  });

  test('counts the calls of a token in a minute, refused ones too, when told so', async () => {
    const { call, simulator } = await startAsana({ requestsPerMinute: 2 });
    const path = `/webhooks?workspace=${simulator.workspace}`;
    const statuses = [];
    for (let index = 0; index < 3; index += 1) statuses.push((await call('GET', path)).status);
    expect(statuses).toEqual([200, 200, 429]);
    const refused = await call('GET', path);
    expect(refused.headers.get('retry-after')).toBe('60');
    await simulator.advance(60_000);
    expect((await call('GET', path)).status).toBe(200);
  });

  test('refuses JSON that it cannot read, and a body of megabytes', async () => {
    const { simulator } = await startAsana();
    const post = async (body: string) => {
      const headers = { authorization: `Bearer ${simulator.token()}`, 'content-type': 'application/json' };
      return (await fetch(`${simulator.apiUrl}/webhooks`, { method: 'POST', headers, body })).status;
    };
    expect(await post('{"data":')).toBe(400);
    expect(await post(`{"data":"${'x'.repeat(2 ** 20)}"}`)).toBe(413);
  });

  test('refuses a GET with a body as the CDN in front of Asana does, in HTML', async () => {
    const { simulator } = await startAsana();
    const { status, type } = await new Promise<{ status: number | undefined; type: string | undefined }>(
      (resolve) => {
        const headers = { 'content-length': '2', authorization: `Bearer ${simulator.token()}` };
        const call = request(`${simulator.apiUrl}/webhooks/1`, { headers }, (response) => {
          response.resume();
          resolve({ status: response.statusCode, type: response.headers['content-type'] });
        });
        call.end('{}');
      },
    );
    expect([status, type]).toEqual([403, 'text/html']);
  });
});
