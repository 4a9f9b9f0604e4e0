import { createHmac } from 'node:crypto';
import { type PostgresServer, startPostgres, withoutPostgres } from '@hookshake/servers/postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROGRAM_TEST, startProgram } from '../../start-program.js';

const SECRET = '4f2a9c1e8d7b6a503c2d1e0f9a8b7c6d';
const BODY = JSON.stringify({
  events: [
    { action: 'changed', resource: { gid: '42', resource_type: 'task' }, change: { field: 'completed' } },
  ],
});

describe.skipIf(withoutPostgres)('the Fastify and PostgreSQL example', PROGRAM_TEST, () => {
  let database: PostgresServer;
  beforeAll(async () => {
    database = await startPostgres();
  });
  afterAll(() => database.remove());

  async function start(env: Readonly<Record<string, string>> = {}) {
    const running = startProgram(new URL('../dist/server.js', import.meta.url), {
      PORT: '0',
      DATABASE_URL: database.url,
      ...env,
    });
    const port = await running.printed(/^listening on .*\bport: (\d+)/m);
    const post = (headers: Record<string, string>, body: string) =>
      fetch(`http://localhost:${port}/webhooks/asana/bugs`, { method: 'POST', headers, body });
    return { running, post };
  }

  it('knows after a restart the secret of before, handles what is delivered, and ends cleanly', async () => {
    const first = await start({ EXPECT_HANDSHAKE: 'bugs' });
    expect((await first.post({ 'x-hook-secret': SECRET }, '{}')).headers.get('x-hook-secret')).toBe(SECRET);
    first.running.terminate();
    expect(await first.running.ended).toMatchObject({ exitCode: 0 });

    const { running, post } = await start();
    const signature = createHmac('sha256', SECRET).update(BODY).digest('hex');
    expect((await post({ 'x-hook-signature': signature }, BODY)).status).toBe(200);
    expect(await running.printed(/^(bugs: task .*)$/m)).toBe('bugs: task 42 changed: completed');
    running.terminate();
    expect(await running.ended).toMatchObject({ exitCode: 0 });
  });
});
