import { request as httpRequest, type RequestListener } from 'node:http';
import { delivery, event, handshake, serveListener } from '@hookshake/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PROGRAM_TEST, startProgram } from '../../start-program.js';
import { asanaStandIn } from '../src/asana-stand-in.js';

const secret = '4f2a9c1e8d7b6a503c2d1e0f9a8b7c6d';
const server = new URL('../dist/server.js', import.meta.url);

async function serve(listener: RequestListener): Promise<string> {
  const { port, close } = await serveListener(listener);
  onTestFinished(close);
  return `http://127.0.0.1:${port}`;
}

/** The app, behind a tunnel as on a developer's machine, and an Asana that answers `POST /webhooks`. */
async function start() {
  let app = '';
  const tunnel: RequestListener = (request, response) => {
    const { method, headers } = request;
    const onwards = httpRequest(`${app}${request.url}`, { method, headers }, (answer) => {
      answer.pipe(response.writeHead(answer.statusCode ?? 0, answer.headers));
    });
    request.pipe(onwards);
  };
  const running = startProgram(server, {
    PORT: '0',
    ADMIN_PORT: '0',
    PUBLIC_URL: await serve(tunnel),
    ASANA_API_URL: await serve(asanaStandIn(() => secret)),
    ASANA_TOKEN: 'a-token',
  });
  app = `http://localhost:${await running.printed(/^listening on .*\bport: (\d+)/m)}`;
  const admin = `http://127.0.0.1:${await running.printed(/^admin on .*\bport: (\d+)/m)}`;
  return { running, app, admin };
}

async function activity(app: string): Promise<readonly string[]> {
  return (await (await fetch(`${app}/activity`)).json()) as string[];
}

describe('the Express example', PROGRAM_TEST, () => {
  it('creates a webhook from its admin port, then handles what that webhook delivers', async () => {
    const { app, admin } = await start();
    const created = await fetch(`${admin}/webhooks/1200000000000042`, { method: 'POST' });
    expect(created.status).toBe(201);
    const { target } = (await created.json()) as { target: string };

    const completed = event('task.changed.completed');
    expect((await fetch(delivery([completed], { secret }).toFetch(target))).status).toBe(200);
    expect(await activity(app)).toEqual([
      `task.changed.completed: task ${completed.resource.gid} was ticked or unticked`,
      `task.changed: task ${completed.resource.gid}, field completed`,
    ]);

    const planted = await fetch(handshake({ secret: 'of-a-stranger' }).toFetch(target));
    expect(planted.status).toBe(403);
    expect((await fetch(delivery([completed], { secret: 'of-a-stranger' }).toFetch(target))).status).toBe(
      401,
    );
  });

  it('does not create webhooks for the public', async () => {
    const { app } = await start();
    expect((await fetch(`${app}/webhooks/1200000000000042`, { method: 'POST' })).status).toBe(404);
  });

  it('parses JSON on its other routes, and ends cleanly when it is told to', async () => {
    const { running, app } = await start();
    const noted = await fetch(`${app}/notes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'buy milk' }),
    });
    expect(noted.status).toBe(201);
    expect(await activity(app)).toEqual(['note: buy milk']);

    running.terminate();
    expect(await running.ended).toMatchObject({ exitCode: 0 });
  });
});
