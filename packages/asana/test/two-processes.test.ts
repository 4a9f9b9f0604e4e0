import { type ChildProcess, fork } from 'node:child_process';
import { on, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createReceiver } from '@hookshake/core';
import { expect, it, onTestFinished } from 'vitest';
import { establish, remove } from '../src/index.js';
import { remoteStore } from './support/remote-store.js';
import { type Started, start } from './support/start.js';
import { stranger } from './support/stranger.js';

it('one process establishes, another one on the same store receives', async () => {
  const asana = await start();
  const { establisher, mountUrl, child } = await startReceivingProcess();
  const { webhook, hookId } = await establish({ ...establisher(asana), mountUrl });
  expect(webhook.last_success_at).not.toBeNull();

  const handled = nextHandled(child);
  asana.simulator.change(asana.task, { field: 'name' });
  await asana.simulator.flush();
  expect(await handled).toEqual({ hookId, gid: asana.task });

  await remove({ client: asana.client, receiver: establisher(asana).receiver, hookId, webhook: webhook.gid });
  expect(await asana.webhooks()).toEqual([]);
}, 15_000);

it('a stranger gets into neither of two processes', async () => {
  const asana = await start();
  const { establisher, mountUrl, child, store } = await startReceivingProcess();
  const handled = nextHandled(child);
  const target = `${mountUrl}/bugs`;
  expect([await stranger.shakeHands(target), await stranger.deliver(target)]).toEqual([403, 401]);

  const { receiver, ...rest } = establisher(asana);
  const beaten = {
    ...receiver,
    async expectHandshake(...args: Parameters<typeof receiver.expectHandshake>) {
      const window = await receiver.expectHandshake(...args);
      expect([await stranger.shakeHands(target), await stranger.deliver(target)]).toEqual([200, 503]);
      return window;
    },
  };
  await expect(establish({ ...rest, receiver: beaten, mountUrl, hookId: 'bugs' })).rejects.toMatchObject({
    code: 'handshake_taken',
  });
  expect(await store.find('bugs')).toEqual([]);
  expect(await asana.webhooks()).toEqual([]);

  await establish({ ...rest, receiver, mountUrl, hookId: 'bugs' });
  expect([await stranger.shakeHands(target), await stranger.deliver(target)]).toEqual([403, 401]);
  expect(await store.find('bugs')).toHaveLength(1);
  // The first event that is handled is Asana's.
  asana.simulator.change(asana.task, { field: 'name' });
  await asana.simulator.flush();
  expect(await handled).toEqual({ hookId: 'bugs', gid: asana.task });
}, 15_000);

it('two processes without a common store cannot establish', async () => {
  const asana = await start();
  const { mountUrl } = await startReceivingProcess();
  const { client, receiver, project } = asana;
  await expect(establish({ client, receiver, mountUrl, resource: project })).rejects.toMatchObject({
    code: 'handshake_wrong_status',
    message: expect.stringContaining('share one secret store'),
  });
}, 15_000);

async function startReceivingProcess() {
  const child = fork(fileURLToPath(new URL('support/receiving-process.mjs', import.meta.url)));
  onTestFinished(() => void child.kill());
  const [{ webhooks, store: storeUrl }] = await once(child, 'message');
  const store = remoteStore(storeUrl);
  const receiver = createReceiver({ secrets: store, logger: false });
  const establisher = ({ client, project }: Started) => ({ client, receiver, resource: project });
  return { child, mountUrl: webhooks as string, store, establisher };
}

async function nextHandled(child: ChildProcess): Promise<unknown> {
  for await (const [message] of on(child, 'message'))
    if (message.handled !== undefined) return message.handled;
  throw new Error('the process ended');
}
