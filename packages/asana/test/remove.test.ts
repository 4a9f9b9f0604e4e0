import { describe, expect, it } from 'vitest';
import { establish, remove } from '../src/index.js';
import { type Started, start } from './support/start.js';

describe('remove', () => {
  it('deletes the webhook and forgets its secret, and no other', async () => {
    const asana = await start();
    const { webhook, hookId } = await make(asana);
    await asana.secrets.accept(hookId, 'made-by-hand', 'always');
    await remove({ ...sides(asana), hookId, webhook: webhook.gid });
    expect(await asana.webhooks()).toEqual([]);
    expect(await asana.secrets.left()).toEqual([{ secret: 'made-by-hand' }]);
  });

  it('does not mind that Asana has deleted the webhook, and may be repeated', async () => {
    const asana = await start();
    const { webhook, hookId } = await make(asana);
    await asana.client.webhooks.delete(webhook.gid);
    await remove({ ...sides(asana), hookId, webhook: webhook.gid });
    await remove({ ...sides(asana), hookId, webhook: webhook.gid });
    expect(await asana.secrets.left()).toEqual([]);
  });

  it('keeps the secret when Asana does not delete the webhook', async () => {
    const asana = await start();
    const { webhook, hookId } = await make(asana);
    asana.simulator.inject({ fault: 'rate-limited', times: 4 });
    await expect(remove({ ...sides(asana), hookId, webhook: webhook.gid })).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterMs: 30_000,
    });
    expect(await asana.secrets.left()).toHaveLength(1);
    asana.simulator.change(asana.task, { field: 'name' });
    await asana.simulator.flush();
    expect(asana.handled).toHaveLength(1);
  });

  it.each([undefined, '/webhooks/asana/bugs'])(
    'deletes nothing for the hook id %j, which is none',
    async (hookId) => {
      const asana = await start();
      const { webhook } = await make(asana);
      const removing = remove({ ...sides(asana), hookId: hookId as string, webhook: webhook.gid });
      await expect(removing).rejects.toMatchObject({ code: 'invalid_option' });
      expect(await asana.client.webhooks.get(webhook.gid)).toMatchObject({ gid: webhook.gid });
    },
  );

  it('rejects options that it does not have, and a webhook without a gid', async () => {
    const { client, receiver } = await start();
    const options = { client, receiver, hookId: 'bugs', webhook: '' };
    await expect(remove(options)).rejects.toMatchObject({ code: 'invalid_option' });
    const unknown = { ...options, webhook: '1', gid: '1' };
    await expect(remove(unknown)).rejects.toMatchObject({ message: expect.stringContaining('`gid`') });
  });
});

function make({ client, receiver, mountUrl, project }: Started) {
  return establish({ client, receiver, mountUrl, resource: project });
}

function sides({ client, receiver }: Started) {
  return { client, receiver };
}
