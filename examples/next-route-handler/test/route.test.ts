import { createRequire } from 'node:module';
import { delivery, event, handshake } from '@hookshake/testing';
import { expect, it, vi } from 'vitest';

// Not imported, since vitest would put the sources of the packages in the place of what was built.
const load = createRequire(import.meta.url);
const { receiver }: typeof import('../src/receiver.js') = load('../dist/receiver.js');
const { POST }: typeof import('../src/app/webhooks/asana/[[...hookId]]/route.js') = load(
  '../dist/app/webhooks/asana/[[...hookId]]/route.js',
);

const secret = '4f2a9c1e8d7b6a503c2d1e0f9a8b7c6d';

it('completes the handshake it expects and hands the events of a genuine delivery to its handler', async () => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  await receiver.expectHandshake('bugs');
  const shaken = await POST(handshake({ secret, hookId: 'bugs' }).toFetch());
  expect(shaken.status).toBe(200);
  expect(shaken.headers.get('x-hook-secret')).toBe(secret);

  const completed = event('task.changed.completed');
  const delivered = await POST(delivery([completed], { secret, hookId: 'bugs' }).toFetch());
  expect(delivered.status).toBe(200);
  expect(log).toHaveBeenCalledWith(`bugs: task ${completed.resource.gid} changed: completed`);
});

it('refuses a handshake that nobody announced, and answers 404 outside of its path', async () => {
  expect((await POST(handshake({ secret, hookId: 'ideas' }).toFetch())).status).toBe(403);
  expect((await POST(handshake({ secret }).toFetch('http://localhost/webhooks/github'))).status).toBe(404);
});
