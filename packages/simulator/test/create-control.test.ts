import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { startAsana } from './support/start-asana.js';
import { startReceiver } from './support/start-receiver.js';

async function startControlled() {
  const asana = await startAsana();
  async function control(method: string, path: string, body?: string) {
    const response = await fetch(`${asana.simulator.url}/control${path}`, {
      method,
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
  return { ...asana, control };
}

describe('the control routes', () => {
  test('do all that a test in another language needs', async () => {
    const { control, call, project, subscribe } = await startControlled();
    const receiver = await startReceiver();
    const webhook = await subscribe(project, receiver.url);
    const { token } = (await control('POST', '/tokens', '{"scopes":["webhooks:read"]}')).body;
    expect((await call('GET', `/webhooks/${webhook}`, { token: String(token) })).status).toBe(200);

    const task = JSON.stringify({ resource_type: 'task', gid: '42', parent: project });
    expect((await control('POST', '/resources', task)).body).toEqual({ gid: '42' });
    await control('POST', '/faults', '{"fault":"duplicate"}');
    expect((await control('POST', '/resources/42/changes', '{"field":"completed"}')).body).toEqual({
      events: 2,
    });
    await control('POST', '/flush');
    expect(receiver.events()).toHaveLength(4);

    expect((await control('POST', '/advance', '{"ms":28800000}')).body).toEqual({
      now: '2026-01-05T17:00:00.000Z',
    });
    expect(receiver.heartbeats).toHaveLength(2);
    const { deliveries } = (await control('GET', `/deliveries?webhook=${webhook}`)).body;
    expect(deliveries).toHaveLength(5);

    const forgery = JSON.stringify({ forge: 'delivery', webhook });
    expect((await control('POST', '/forgeries', forgery)).body).toMatchObject({ answer: { status: 401 } });
  });

  test('say what is wrong with a request', async () => {
    const { control } = await startControlled();
    for (const [path, body, code] of [
      ['/resources', '{"resource_type":"task","colour":"red"}', 'unknown_option'],
      ['/resources', 'not json', 'invalid_option'],
      ['/resources', '{"resource_type":"task","gid":42}', 'invalid_option'],
      ['/tokens', '{"scopes":"webhooks:read"}', 'invalid_option'],
      ['/resources/1/changes', '{}', 'unknown_resource'],
      ['/advance', '{}', 'invalid_option'],
      ['/forgeries', '{}', 'invalid_option'],
    ] as const) {
      const { status, body: answer } = await control('POST', path, body);
      expect([status, answer['error']]).toEqual([400, code]);
    }
    const { status, body } = await control('GET', '/flush');
    expect([status, body['routes']]).toEqual([
      404,
      expect.arrayContaining(['POST /control/resources/{gid}/changes']),
    ]);
  });

  test.each([
    { path: '/control/flush', method: 'POST', status: 200 },
    { path: '/api/1.0/webhooks', method: 'GET', status: 401 },
  ])('and $path refuse web pages, which reach 127.0.0.1 through their reader', async (target) => {
    const { simulator } = await startControlled();
    const send = (headers: Readonly<Record<string, string>>) => {
      return new Promise<number | undefined>((resolve) => {
        const url = simulator.url + target.path;
        const call = request(url, { method: target.method, headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        call.end();
      });
    };
    expect(await send({ origin: 'https://example.com' })).toBe(403);
    expect(await send({ host: 'rebound.example.com' })).toBe(403);
    expect(await send({ host: 'localhost:1' })).toBe(target.status);
  });

  test('and the API leave other paths alone', async () => {
    const { simulator } = await startControlled();
    const response = await fetch(`${simulator.url}/elsewhere`);
    expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('/api/1.0')]);
  });
});
