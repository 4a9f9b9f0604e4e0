import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSimulator } from '@hookshake/simulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PROGRAM_TEST, startProgram } from '../../start-program.js';

const server = new URL('../dist/server.js', import.meta.url);

/** The app, and an Asana for it. */
async function start(token?: string) {
  const simulator = createSimulator({ allowLocalTargets: true });
  await simulator.listen(0);
  onTestFinished(() => simulator.close());
  const project = simulator.resource({ resource_type: 'project' });
  const task = simulator.resource({ resource_type: 'task', parent: project });
  const folder = await mkdtemp(join(tmpdir(), 'hookshake-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const running = startProgram(server, {
    DATABASE: join(folder, 'hooks.db'),
    PORT: '0',
    ADMIN_PORT: '0',
    ASANA_API_URL: simulator.apiUrl,
    ASANA_TOKEN: token ?? simulator.token(),
  });
  const app = `http://localhost:${await running.printed(/^listening on .*\bport: (\d+)/m)}`;
  const admin = `http://127.0.0.1:${await running.printed(/^admin on .*\bport: (\d+)/m)}`;
  return { simulator, project, task, running, app, admin };
}

async function activity(app: string, admin: string): Promise<readonly string[]> {
  await fetch(`${admin}/idle`, { method: 'POST' });
  return (await (await fetch(`${app}/activity`)).json()) as string[];
}

describe('the Express example', PROGRAM_TEST, () => {
  it('creates a webhook from its admin port, then handles what that webhook delivers', async () => {
    const { simulator, project, task, app, admin } = await start();
    const created = await fetch(`${admin}/webhooks/${project}`, { method: 'POST' });
    expect(created.status).toBe(201);
    const { webhook, hookId } = (await created.json()) as { webhook: string; hookId: string };

    simulator.change(task, { field: 'completed' });
    await simulator.flush();
    const told = (await activity(app, admin)).filter((line) => !line.startsWith('heartbeat'));
    expect(told).toEqual([
      `task.changed.completed: task ${task} was ticked or unticked`,
      `task.changed: task ${task}, field completed`,
      `task.changed: task ${task}, field completed_at`,
    ]);
    await simulator.advance(8 * 3_600_000);
    expect(await activity(app, admin)).toContain(`heartbeat: Asana still knows the webhook ${hookId}`);

    expect(await simulator.forge({ forge: 'handshake', webhook })).toMatchObject({ status: 403 });
    expect(await simulator.forge({ forge: 'delivery', webhook })).toMatchObject({ status: 401 });
  });

  it('says on its admin port why a webhook could not be created', async () => {
    const { project, admin } = await start('not-a-token-of-asana');
    const refused = await fetch(`${admin}/webhooks/${project}`, { method: 'POST' });
    expect(refused.status).toBe(502);
    expect(await refused.json()).toMatchObject({ error: 'token_invalid' });
  });

  it('does not create webhooks for the public', async () => {
    const { project, app } = await start();
    expect((await fetch(`${app}/webhooks/${project}`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${app}/handshakes/bugs`, { method: 'POST' })).status).toBe(404);
  });

  it('parses JSON on its other routes, and ends cleanly when it is told to', async () => {
    const { running, app, admin } = await start();
    const noted = await fetch(`${app}/notes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'buy milk' }),
    });
    expect(noted.status).toBe(201);
    expect(await activity(app, admin)).toEqual(['note: buy milk']);

    running.terminate();
    expect(await running.ended).toMatchObject({ exitCode: 0 });
  });
});
