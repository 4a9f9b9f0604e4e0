import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startRedis, withoutRedis } from '@hookshake/servers/redis';
import { describe, expect, it, onTestFinished } from 'vitest';

const program = fileURLToPath(new URL('support/worker-without-redis.mjs', import.meta.url));

/** A process that has reached a Redis, which is gone now. */
async function startProcess(starts: 'before' | 'after') {
  const server = await startRedis();
  onTestFinished(() => server.remove());
  const child = fork(program, [server.url, starts]);
  onTestFinished(() => void child.kill('SIGKILL'));
  expect(await once(child, 'message')).toContain('ready');
  await server.kill('SIGKILL');
  child.send('it is gone');
  return child;
}

// What a worker leaves behind would keep its process alive for good.
describe.skipIf(withoutRedis)('a process without Redis', { timeout: 30_000 }, () => {
  it('ends once its worker has been stopped', async () => {
    const child = await startProcess('before');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('ends though its worker could not be started', async () => {
    const child = await startProcess('after');
    expect(await once(child, 'message')).toContain('Redis could not be reached within 5000 ms');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
