import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { PROGRAM_TEST, startProgram } from './start-program.js';

const SECRET = '4f2a9c1e8d7b6a503c2d1e0f9a8b7c6d';
const BODY = JSON.stringify({
  events: [
    {
      user: { gid: '1198829643564474', resource_type: 'user' },
      created_at: '2026-01-05T09:00:00.000Z',
      action: 'changed',
      resource: { gid: '1199170056173519', resource_type: 'task', resource_subtype: 'default_task' },
      parent: null,
      change: { field: 'completed', action: 'changed' },
    },
  ],
});

/** What every example has to show that is a server of its own. Requests are made without any part of hookshake. */
export function describeServerExample(name: string, program: URL): void {
  async function start() {
    const running = startProgram(program, { PORT: '0', EXPECT_HANDSHAKE: 'bugs' });
    const url = `http://localhost:${await running.printed(/^listening on .*\bport: (\d+)/m)}`;
    const post = (headers: Record<string, string>, body: string) =>
      fetch(`${url}/webhooks/asana/bugs`, { method: 'POST', headers, body });
    return {
      running,
      url,
      shakeHands: (secret: string) => post({ 'x-hook-secret': secret }, '{}'),
      deliver(secret: string) {
        const signature = createHmac('sha256', secret).update(BODY).digest('hex');
        return post({ 'content-type': 'application/json', 'x-hook-signature': signature }, BODY);
      },
    };
  }

  describe(`the ${name} example`, PROGRAM_TEST, () => {
    it('completes the handshake it expects and hands a genuine event to its handler', async () => {
      const { running, shakeHands, deliver } = await start();
      const shaken = await shakeHands(SECRET);
      expect(shaken.status).toBe(200);
      expect(shaken.headers.get('x-hook-secret')).toBe(SECRET);

      expect((await deliver(SECRET)).status).toBe(200);
      expect(await running.printed(/^(bugs: task .*)$/m)).toBe(
        'bugs: task 1199170056173519 changed: completed',
      );
    });

    it('refuses a second handshake and a forged delivery', async () => {
      const { shakeHands, deliver } = await start();
      await shakeHands(SECRET);
      const planted = await shakeHands('of-a-stranger');
      expect(planted.status).toBe(403);
      expect(planted.headers.get('x-hook-secret')).toBe(null);
      expect((await deliver('of-a-stranger')).status).toBe(401);
      expect((await deliver(SECRET)).status).toBe(200);
    });

    it('serves its other routes, and ends cleanly when it is told to', async () => {
      const { running, url } = await start();
      expect(await (await fetch(url)).text()).toBe('The rest of the app');
      running.terminate();
      expect(await running.ended).toMatchObject({ exitCode: 0 });
    });
  });
}
