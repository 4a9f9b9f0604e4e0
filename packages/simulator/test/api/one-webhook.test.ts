import { describe, expect, test } from 'vitest';
import { startAsana } from '../support/start-asana.js';
import { startReceiver } from '../support/start-receiver.js';

describe('GET, PUT and DELETE /webhooks/{gid}', () => {
  test('read the full record, or the fields asked for', async () => {
    const { call, subscribe, project } = await startAsana();
    const receiver = await startReceiver();
    const gid = await subscribe(project, receiver.url, [{ resource_type: 'task', action: 'added' }]);
    const full = await call('GET', `/webhooks/${gid}`);
    expect(Object.keys(full.body.data)).toHaveLength(14);
    const some = await call(
      'GET',
      `/webhooks/${gid}?opt_fields=target,resource.name,filters.action,nonsense`,
    );
    expect(some.body.data).toEqual({
      gid,
      target: receiver.url,
      resource: { gid: project, name: 'Bugs' },
      filters: [{ action: 'added' }],
    });
  });

  test('replace all filters, and nothing else, without a new handshake', async () => {
    const { call, subscribe, project, task, simulator } = await startAsana();
    const receiver = await startReceiver();
    const gid = await subscribe(project, receiver.url, [{ resource_type: 'task' }]);
    const data = { filters: [{ resource_type: 'story' }], target: 'https://example.com/', resource: task };
    const { status, body } = await call('PUT', `/webhooks/${gid}`, { data });
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ filters: [{ resource_type: 'story' }], target: receiver.url });
    expect(body.data.resource.gid).toBe(project);
    expect(receiver.handshakes).toHaveLength(1);
    simulator.change(task);
    await simulator.flush();
    expect(receiver.events()).toEqual([]);
    expect((await call('PUT', `/webhooks/${gid}`, { data: {} })).status).toBe(400);
  });

  test('hold larger scopes to their rules on update, too', async () => {
    const { call, subscribe, simulator } = await startAsana();
    const receiver = await startReceiver();
    const gid = await subscribe(simulator.workspace, receiver.url, [{ resource_type: 'project' }]);
    const { status, body } = await call('PUT', `/webhooks/${gid}`, { data: { filters: [] } });
    expect([status, body.errors[0].error]).toEqual([400, 'invalid_filters_for_larger_scoped_webhooks']);
  });

  test('delete for good: nothing is delivered any more, and the place is free again', async () => {
    const { call, subscribe, project, task, simulator } = await startAsana();
    const receiver = await startReceiver();
    const gid = await subscribe(project, receiver.url);
    simulator.change(task);
    const { status, body } = await call('DELETE', `/webhooks/${gid}`);
    expect([status, body]).toEqual([200, { data: {} }]);
    await simulator.advance(24 * 3_600_000);
    expect([receiver.events(), receiver.heartbeats.length]).toEqual([[], 1]);
    for (const method of ['GET', 'DELETE']) {
      const gone = await call(method, `/webhooks/${gid}`);
      expect([gone.status, gone.body.errors[0].message]).toEqual([404, `webhook: Unknown object: ${gid}`]);
    }
    await subscribe(project, receiver.url);
  });
});
