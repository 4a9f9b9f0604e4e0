import { describe, expect, it } from 'vitest';
import { type EstablishOptions, establish } from '../src/index.js';
import { deferred } from './support/deferred.js';
import { isHandshake, type Started, start } from './support/start.js';
import { STRANGERS_SECRET, stranger } from './support/stranger.js';

describe('establish', () => {
  it('makes a webhook whose events are handled', async () => {
    const asana = await start();
    const { webhook, hookId, target } = await run(asana);
    expect(hookId).toMatch(/^[\w-]{22}$/);
    expect(target).toBe(`${asana.mountUrl}/${hookId}`);
    expect(await asana.webhooks()).toEqual([expect.objectContaining({ gid: webhook.gid, target })]);
    expect(await asana.secrets.left()).toEqual([{ secret: expect.any(String), webhook: webhook.gid }]);

    asana.simulator.change(asana.task, { field: 'name' });
    await asana.simulator.flush();
    expect(asana.handled).toMatchObject([{ action: 'changed', resource: { gid: asana.task } }]);
  });

  it('gives the whole webhook', async () => {
    const asana = await start();
    const filters = [{ resource_type: 'task', action: 'changed', fields: ['name'] }];
    const { webhook } = await run(asana, { filters });
    expect(webhook).toMatchObject({
      resource_type: 'webhook',
      active: true,
      resource: { gid: asana.project, resource_type: 'project' },
      filters,
      delivery_retry_count: 0,
      failure_deletion_timestamp: null,
      last_failure_content: '',
      last_success_at: expect.any(String),
    });
  });

  it('makes one on the mount itself, and keeps the query of the URL', async () => {
    const asana = await start();
    const { target } = await run(asana, { hookId: 'default' });
    expect(target).toBe(asana.mountUrl);
    const second = await run(asana, { hookId: 'team/bugs', mountUrl: `${asana.mountUrl}/?of=ours` });
    expect(second.target).toBe(`${asana.mountUrl}/team/bugs?of=ours`);
    asana.simulator.change(asana.task, { field: 'name' });
    await asana.simulator.flush();
    expect(asana.handled).toHaveLength(2);
  });

  it('waits as long as a 429 asks, then goes on', async () => {
    const asana = await start();
    asana.simulator.inject({ fault: 'rate-limited', retryAfterSeconds: 17, times: 2 });
    await run(asana);
    expect(asana.waits).toEqual([17_000, 17_000]);
  });

  it('bears a handshake that is sent twice', async () => {
    const asana = await start();
    asana.simulator.inject({ fault: 'handshake-twice' });
    const { webhook } = await run(asana);
    expect(await asana.secrets.left()).toMatchObject([{ webhook: webhook.gid }]);
  });

  it('lets one of two calls for the same hook through, and the other one touches nothing', async () => {
    const asana = await start();
    const second = deferred<unknown>();
    asana.front = async (request, _, pass) => {
      if (isHandshake(request)) second.resolve(await run(asana, { hookId: 'bugs' }).catch((error) => error));
      await pass();
    };
    const { webhook } = await run(asana, { hookId: 'bugs' });
    expect(await second.promise).toMatchObject({ code: 'window_already_open' });
    expect((await asana.webhooks()).map(({ gid }) => gid)).toEqual([webhook.gid]);
    expect(await asana.secrets.left()).toMatchObject([{ webhook: webhook.gid }]);
  });

  it('makes many at a time', async () => {
    const asana = await start();
    const made = await Promise.all(Array.from({ length: 20 }, () => run(asana)));
    expect(new Set(made.map(({ webhook }) => webhook.gid)).size).toBe(20);
    asana.simulator.change(asana.task, { field: 'name' });
    await asana.simulator.flush();
    expect(asana.handled).toHaveLength(20);
  });

  it('lets no stranger in during the window or after it', async () => {
    const asana = await start();
    const statuses: number[] = [];
    asana.front = async (request, _, pass) => {
      if (!isHandshake(request) && statuses.length === 0) {
        // The first heartbeat: the handshake is done, the 201 is not there yet.
        const target = `${asana.mountUrl}/bugs`;
        asana.front = undefined;
        statuses.push(await stranger.shakeHands(target), await stranger.deliver(target));
      }
      await pass();
    };
    const { target, webhook } = await run(asana, { hookId: 'bugs' });
    statuses.push(await stranger.shakeHands(target), await stranger.deliver(target));
    expect(statuses).toEqual([403, 401, 403, 401]);
    expect(await asana.secrets.left()).toMatchObject([{ webhook: webhook.gid }]);
    expect(JSON.stringify(await asana.secrets.left())).not.toContain(STRANGERS_SECRET);
    expect(asana.handled).toEqual([]);
  });

  it('handles events that come before it has confirmed the secret, once it has', async () => {
    const asana = await start();
    const { simulator, client } = asana;
    await run(asana, {
      client: {
        webhooks: {
          ...client.webhooks,
          async create(...args) {
            const created = await client.webhooks.create(...args);
            simulator.change(asana.task, { field: 'name' });
            await simulator.flush();
            expect(asana.handled).toEqual([]);
            return created;
          },
        },
      },
    });
    await simulator.advance(3_600_000);
    expect(asana.handled).toHaveLength(1);
  });
});

describe('establish with ifExists', () => {
  it.each(['keep', 'replace'] as const)('%s makes the webhook if there is none', async (ifExists) => {
    const asana = await start();
    const { webhook } = await run(asana, boot(asana, ifExists));
    expect((await asana.webhooks()).map(({ gid }) => gid)).toEqual([webhook.gid]);
    expect(await asana.secrets.left()).toMatchObject([{ webhook: webhook.gid }]);
  });

  it('keep finds the same webhook at each start', async () => {
    const asana = await start();
    const first = await run(asana, boot(asana, 'keep'));
    for (let starts = 0; starts < 3; starts++) {
      const { webhook, ...where } = await run(asana, boot(asana, 'keep'));
      expect([webhook.gid, where]).toEqual([
        first.webhook.gid,
        { hookId: first.hookId, target: first.target },
      ]);
    }
    expect(asana.calls.filter((call) => call.startsWith('POST'))).toHaveLength(1);
    expect(await asana.secrets.openWindows()).toEqual([]);
    await expectEventsHandled(asana, 1);
  });

  it('replace leaves exactly one webhook and one secret at each start', async () => {
    const asana = await start();
    const gids: string[] = [];
    // More than the secrets a hook can hold.
    for (let starts = 0; starts < 20; starts++)
      gids.push((await run(asana, boot(asana, 'replace'))).webhook.gid);
    expect(new Set(gids).size).toBe(20);
    expect((await asana.webhooks()).map(({ gid }) => gid)).toEqual(gids.slice(-1));
    expect(await asana.secrets.left()).toEqual([{ secret: expect.any(String), webhook: gids.at(-1) }]);
    await expectEventsHandled(asana, 1);
  });

  it('neither one touches webhooks of other targets and other secrets of the hook', async () => {
    const asana = await start();
    const other = await run(asana, { hookId: 'other' });
    await asana.secrets.accept('bugs', 'made-by-hand', 'always');
    await run(asana, boot(asana, 'replace'));
    await run(asana, boot(asana, 'replace'));
    await run(asana, boot(asana, 'keep'));
    expect((await asana.webhooks()).map(({ gid }) => gid)).toContain(other.webhook.gid);
    expect(await asana.secrets.find('other')).toHaveLength(1);
    expect((await asana.secrets.find('bugs')).map(({ secret }) => secret)).toContain('made-by-hand');
    await expectEventsHandled(asana, 2);
  });

  it.each(['keep', 'replace'] as const)('%s makes anew what Asana has deleted', async (ifExists) => {
    const asana = await start();
    const first = await run(asana, boot(asana, ifExists));
    asana.front = (_, response) => void response.writeHead(502).end();
    await asana.simulator.advance(40 * 3_600_000);
    expect(await asana.webhooks()).toEqual([]);
    asana.front = undefined;
    const second = await run(asana, boot(asana, ifExists));
    expect(second.webhook.gid).not.toBe(first.webhook.gid);
    await expectEventsHandled(asana, 1);
  });

  it('replace does not mind that Asana deletes the webhook at that moment', async () => {
    const asana = await start();
    await run(asana, boot(asana, 'replace'));
    const { client } = asana;
    const second = await run(asana, {
      ...boot(asana, 'replace'),
      client: {
        webhooks: {
          ...client.webhooks,
          async *list(...args) {
            for await (const webhook of client.webhooks.list(...args)) {
              await client.webhooks.delete(webhook.gid);
              yield webhook;
            }
          },
        },
      },
    });
    expect((await asana.webhooks()).map(({ gid }) => gid)).toEqual([second.webhook.gid]);
    expect(await asana.secrets.left()).toMatchObject([{ webhook: second.webhook.gid }]);
  });

  it('replace deletes nothing while another call is at the same hook', async () => {
    const asana = await start();
    const { webhook } = await run(asana, boot(asana, 'replace'));
    await asana.receiver.expectHandshake('bugs');
    await expect(run(asana, boot(asana, 'replace'))).rejects.toMatchObject({ code: 'window_already_open' });
    expect((await asana.webhooks()).map(({ gid }) => gid)).toEqual([webhook.gid]);
    await expectEventsHandled(asana, 1);
  });

  it('replace says that the old webhook is gone when the new one fails', async () => {
    const asana = await start();
    const { webhook } = await run(asana, boot(asana, 'replace'));
    asana.front = (_, response) => void response.writeHead(401).end();
    await expect(run(asana, boot(asana, 'replace'))).rejects.toMatchObject({
      code: 'handshake_wrong_status',
      message: expect.stringMatching(`The webhook ${webhook.gid}, which was to be replaced, is deleted$`),
    });
    expect(await asana.webhooks()).toEqual([]);
    expect(await asana.secrets.left()).toEqual([]);
  });

  it('replace keeps the old webhook and its secret when it cannot be deleted', async () => {
    const asana = await start();
    const { webhook } = await run(asana, boot(asana, 'replace'));
    const { client } = asana;
    await expect(
      run(asana, {
        ...boot(asana, 'replace'),
        client: { webhooks: { ...client.webhooks, delete: () => Promise.reject(new Error('no')) } },
      }),
    ).rejects.toMatchObject({ code: 'client_failed', message: expect.not.stringContaining(webhook.gid) });
    expect(await asana.secrets.openWindows()).toEqual([]);
    await expectEventsHandled(asana, 1);
  });

  it('keep fails once a lost secret has made the target refuse, and replace mends it', async () => {
    const asana = await start();
    const { simulator } = asana;
    const { webhook } = await run(asana, boot(asana, 'keep'));
    await asana.receiver.forget('bugs');
    simulator.change(asana.task, { field: 'name' });
    await simulator.flush();
    await expect(run(asana, boot(asana, 'keep'))).rejects.toMatchObject({
      code: 'secret_lost',
      webhook: webhook.gid,
      message: expect.stringContaining("ifExists: 'replace'"),
    });
    await run(asana, boot(asana, 'replace'));
    await expectEventsHandled(asana, 1);
  });

  it('keep bears a webhook that was refused once and is well again', async () => {
    const asana = await start();
    const { webhook } = await run(asana, boot(asana, 'keep'));
    asana.front = (_, response) => void response.writeHead(401).end();
    asana.simulator.change(asana.task, { field: 'name' });
    await asana.simulator.flush();
    asana.front = undefined;
    await asana.simulator.advance(3_600_000);
    expect(await asana.webhooks()).toMatchObject([{ last_failure_content: expect.stringMatching(/^401/) }]);
    expect((await run(asana, boot(asana, 'keep'))).webhook.gid).toBe(webhook.gid);
  });

  it('keep bears a webhook that fails for another reason', async () => {
    const asana = await start();
    const { webhook } = await run(asana, boot(asana, 'keep'));
    asana.front = (_, response) => void response.writeHead(503).end();
    asana.simulator.change(asana.task, { field: 'name' });
    await asana.simulator.flush();
    expect((await run(asana, boot(asana, 'keep'))).webhook.gid).toBe(webhook.gid);
  });
});

describe('the options of establish', () => {
  it.each<[string, object]>([
    ['hookID', { hookID: 'bugs' }],
    ['mountUrl', { mountUrl: '/webhooks/asana' }],
    ['mountUrl', { mountUrl: 'ftp://example.com' }],
    ['mountUrl', { mountUrl: 'https://example.com/#top' }],
    ['resource', { resource: '' }],
    ['resource', { resource: 42 }],
    ['workspace', { workspace: 42 }],
    ['filters', { filters: { resource_type: 'task' } }],
    ['hookId', { hookId: '../bugs' }],
    ['hookId', { hookId: 7 }],
    ['ifExists', { ifExists: 'update', workspace: '1', hookId: 'bugs' }],
    ['ifExists', { ifExists: 'keep', hookId: 'bugs' }],
    ['ifExists', { ifExists: 'keep', workspace: '1' }],
  ])('are checked before anything is done: %s in %j', async (name, options) => {
    const asana = await start();
    await expect(run(asana, options)).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringContaining(`\`${name}\``),
    });
    expect([asana.calls, asana.secrets.opened.size]).toEqual([[], 0]);
  });
});

function run(asana: Started, options: Partial<EstablishOptions> = {}) {
  const { client, receiver, mountUrl, project } = asana;
  return establish({ client, receiver, mountUrl, resource: project, ...options });
}

function boot({ simulator }: Started, ifExists: 'keep' | 'replace') {
  return { hookId: 'bugs', workspace: simulator.workspace, ifExists };
}

/** One more change reaches the handlers once through each of so many webhooks. */
async function expectEventsHandled({ simulator, task, handled }: Started, webhooks: number): Promise<void> {
  const before = handled.length;
  simulator.change(task, { field: 'name' });
  await simulator.flush();
  expect(handled.length - before).toBe(webhooks);
}
