import { describe, expect, it } from 'vitest';
import { PROGRAM_TEST, startProgram } from '../../start-program.js';

const demo = new URL('../dist/demo.js', import.meta.url);

describe('the demo', PROGRAM_TEST, () => {
  it('establishes a webhook, handles an event and captured deliveries, and refuses strangers', async () => {
    const { exitCode, output } = await startProgram(demo, { CI: 'true' }).ended;
    expect(output).not.toContain('✗');
    expect(output.match(/✓/g)).toHaveLength(9);
    expect(output).toMatch(/app {3}│ task\.changed\.completed: task \d+ was ticked or unticked/);
    expect(output).toContain('app   │ task.changed: task 1199170056173519, field completed_at');
    expect(output).toContain('the handshake was refused with 403; no handler ran');
    expect(output).toContain('the delivery was refused with 401; no handler ran');
    expect(exitCode).toBe(0);
  });

  it('stays up on a terminal, and the commands it prints work', async () => {
    const running = startProgram(demo, { CI: undefined });
    const adminUrl = await running.printed(/curl -X POST (\S+)\/handshakes\/by-hand/);
    const api = await running.printed(/curl -X POST (\S+\/api\/1\.0\/webhooks)/);
    const token = await running.printed(/"Authorization: (Bearer \S+)"/);
    const resource = await running.printed(/-d "resource=(\d+)"/);
    const target = await running.printed(/-d "target=(\S+)"/);
    expect((await fetch(`${adminUrl}/handshakes/by-hand`, { method: 'POST' })).status).toBe(201);
    const created = await fetch(api, {
      method: 'POST',
      headers: { authorization: token },
      body: new URLSearchParams({ resource, target }),
    });
    expect(created.status).toBe(201);

    await running.printed(/(Ctrl-C ends this)/);
    running.terminate();
    expect(await running.ended).toMatchObject({ exitCode: 0 });
  });
});
