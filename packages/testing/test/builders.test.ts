import { createReceiver, is, memorySecrets, type Receiver, verify } from '@hookshake/core';
import { createFetchHandler } from '@hookshake/core/fetch';
import { capturedDeliveries, delivery, event, handshake } from '@hookshake/testing';
import { describe, expect, expectTypeOf, test } from 'vitest';

const secret = '5f0c4e2a9b7d41e8a3c6f1d2e0b98765';

async function receiverFor(hookId: string): Promise<Receiver> {
  const receiver = createReceiver({ secrets: memorySecrets(), logger: false });
  await receiver.expectHandshake(hookId);
  return receiver;
}

describe('event', () => {
  test('has the shape that its name says, and a name of its own for handlers', () => {
    const assigned = event('task.changed.assignee');
    expect(assigned).toMatchObject({
      action: 'changed',
      change: { field: 'assignee', action: 'changed' },
      resource: { resource_type: 'task', resource_subtype: 'default_task' },
      parent: null,
      user: { resource_type: 'user' },
    });
    expect(is(assigned, 'task.changed.assignee')).toBe(true);
    expect(is(event('project.deleted'), 'project.deleted')).toBe(true);
    expect(is(event('sync_error'), 'sync_error')).toBe(true);
  });

  test('narrows by its name and takes no wildcard', () => {
    expectTypeOf(event('task.changed.assignee').change.field).toEqualTypeOf<'assignee'>();
    expectTypeOf(event('story.added').resource.resource_type).toEqualTypeOf<'story'>();
    // @ts-expect-error a wildcard names no single event
    expect(() => event('task.*')).toThrow('not the name of one event');
    // @ts-expect-error nor does this one
    expect(() => event('*')).toThrow('not the name of one event');
    // @ts-expect-error a heartbeat is no event
    expect(() => event('heartbeat')).toThrow('delivery([])');
    // @ts-expect-error an override must fit
    event('task.added', { created_at: 7 });
  });

  test('has a resource and a millisecond of its own, later than the one before', () => {
    const [first, second] = [event('task.added'), event('task.added')];
    expect(second.resource.gid).not.toBe(first.resource.gid);
    expect(second.created_at > first.created_at).toBe(true);
    expect(first.parent).toMatchObject({ resource_type: 'project' });
  });

  test('takes overrides', () => {
    expect(event('task.added', { user: null, parent: null })).toMatchObject({ user: null, parent: null });
  });
});

describe('delivery and handshake', () => {
  test('say what they lack', () => {
    // @ts-expect-error one event is no list
    expect(() => delivery(event('task.added'), { secret })).toThrow('a list of events');
    // @ts-expect-error no secret signs nothing
    expect(() => delivery([])).toThrow('the secret of the webhook');
    // @ts-expect-error no secret is none to be echoed
    expect(() => handshake({ hookId: 'bugs' })).toThrow('the secret of the webhook');
  });

  test('go straight to a receiver', async () => {
    const receiver = await receiverFor('bugs');
    const gids: string[] = [];
    receiver.on('task.added', ({ resource }) => void gids.push(resource.gid));

    const shaken = await receiver.receive(handshake({ secret, hookId: 'bugs' }));
    expect(shaken).toMatchObject({ status: 200, headers: { 'x-hook-secret': secret } });
    const added = event('task.added');
    expect(await receiver.receive(delivery([added], { secret, hookId: 'bugs' }))).toMatchObject({
      status: 200,
    });
    expect(await receiver.receive(delivery([added], { secret }))).toMatchObject({ status: 401 });
    expect(gids).toEqual([added.resource.gid]);
  });

  test('go to a fetch handler, below the usual mount or to any URL', async () => {
    const receiver = await receiverFor('bugs');
    const handler = createFetchHandler(receiver, { basePath: '/webhooks/asana' });
    const shaken = await handler(handshake({ secret, hookId: 'bugs' }).toFetch());
    expect(shaken.headers.get('x-hook-secret')).toBe(secret);
    expect((await handler(delivery([], { secret, hookId: 'bugs' }).toFetch())).status).toBe(200);
    const elsewhere = delivery([], { secret }).toFetch('https://example.com/webhooks/asana/bugs?a=1');
    expect((await handler(elsewhere)).status).toBe(200);
  });

  test('sign the exact bytes of a body that is given as text or bytes', () => {
    for (const body of ['{ "events": [] }\n', Buffer.from([0, 0xff, 0xc3])]) {
      const { payload, headers } = delivery(body, { secret });
      expect(payload).toEqual(Buffer.from(body));
      expect(verify(payload, headers['x-hook-signature'], [secret])).toBe(true);
    }
  });

  test('take further headers, and others in place of their own, in any case', () => {
    const { headers } = delivery([], {
      secret,
      headers: { 'X-Hook-Signature': 'forged', 'X-Request-Id': '7' },
    });
    expect(headers).toMatchObject({ 'x-hook-signature': 'forged', 'x-request-id': '7' });
  });

  test('give what inject takes', () => {
    const request = delivery([], { secret, hookId: 'bugs' });
    expect(request.toInject()).toEqual({
      method: 'POST',
      url: '/webhooks/asana/bugs',
      headers: request.headers,
      payload: Buffer.from('{"events":[]}'),
    });
    expect(handshake({ secret }).toInject('/hooks').url).toBe('/hooks');
    expect(handshake({ secret }).toInject().url).toBe('/webhooks/asana');
  });

  test('keep to the limit of the body', async () => {
    const tight = createReceiver({ secrets: memorySecrets(), logger: false, maxBodyBytes: 13 });
    await tight.expectHandshake('default');
    await tight.receive(handshake({ secret }));
    const withoutLength = { 'content-length': '' };
    expect(await tight.receive(delivery([], { secret, headers: withoutLength }))).toMatchObject({
      status: 200,
    });
    expect(await tight.receive(delivery('{"events": []}', { secret, headers: withoutLength }))).toMatchObject(
      {
        status: 413,
      },
    );
  });
});

test('captured deliveries verify where a secret and a signature are known', () => {
  const known = capturedDeliveries.filter((captured) => captured.signature !== null);
  expect(known).toHaveLength(2);
  for (const captured of known) {
    const { payload, headers } = delivery(captured.body, { secret: captured.secret ?? '' });
    expect(headers['x-hook-signature']).toBe(captured.signature);
    expect(verify(payload, captured.signature ?? '', [captured.secret ?? ''])).toBe(true);
  }
});
