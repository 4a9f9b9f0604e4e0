import { createHmac } from 'node:crypto';
import { startRedis, withoutRedis } from '@hookshake/servers/redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PROGRAM_TEST, startProgram } from '../../start-program.js';

const SECRET = '4f2a9c1e8d7b6a503c2d1e0f9a8b7c6d';

const program = (name: string) => new URL(`../dist/${name}.js`, import.meta.url);

function bodyOf(gid: string): string {
  const resource = { gid, resource_type: 'task', resource_subtype: 'default_task' };
  const change = { field: 'completed', action: 'changed' };
  const user = { gid: '1198829643564474', resource_type: 'user' };
  return JSON.stringify({
    events: [
      { user, created_at: '2026-01-05T09:00:00.000Z', action: 'changed', resource, parent: null, change },
    ],
  });
}

async function startServer() {
  const redis = await startRedis();
  onTestFinished(() => redis.remove());
  const env = { PORT: '0', REDIS_URL: redis.url };
  const running = startProgram(program('server'), { ...env, EXPECT_HANDSHAKE: 'bugs' });
  const url = `http://localhost:${await running.printed(/^listening on .*\bport: (\d+)/m)}`;
  const post = (headers: Record<string, string>, body: string) =>
    fetch(`${url}/webhooks/asana/bugs`, { method: 'POST', headers, body });
  return {
    running,
    shakeHands: () => post({ 'x-hook-secret': SECRET }, '{}'),
    deliver(gid: string) {
      const body = bodyOf(gid);
      const signature = createHmac('sha256', SECRET).update(body).digest('hex');
      return post({ 'content-type': 'application/json', 'x-hook-signature': signature }, body);
    },
    startWorker: () => startProgram(program('worker'), env),
  };
}

describe.skipIf(withoutRedis)('the Fastify example with Redis and a worker', PROGRAM_TEST, () => {
  it('keeps what is delivered while no worker runs, and has it handled by the next', async () => {
    const { shakeHands, deliver, startWorker } = await startServer();
    expect((await shakeHands()).status).toBe(200);
    expect((await deliver('1')).status).toBe(200);

    const worker = startWorker();
    await worker.printed(/^(bugs: task 1 changed: completed)$/m);
    expect((await deliver('2')).status).toBe(200);
    await worker.printed(/^(bugs: task 2 changed: completed)$/m);
    worker.terminate();
    expect(await worker.ended).toMatchObject({ exitCode: 0 });

    expect((await deliver('3')).status).toBe(200);
    await startWorker().printed(/^(bugs: task 3 changed: completed)$/m);
  });

  it('receives in a process that ends cleanly when it is told to', async () => {
    const { running, shakeHands, deliver } = await startServer();
    await shakeHands();
    expect((await deliver('1')).status).toBe(200);
    running.terminate();
    expect(await running.ended).toMatchObject({ exitCode: 0 });
  });
});
