import { createReceiver, memoryInbox, memorySecrets, type ReceiverOptions } from '@hookshake/core';
import { createFetchHandler } from '@hookshake/core/fetch';
import { delivery, event } from '@hookshake/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sqlite } from '../src/index.js';
import { temporaryFolder } from './support/temporary-folder.js';

const secret = 'b537207f20cbfa02357cf448134da559';

const homes: Readonly<Record<string, () => ReceiverOptions>> = {
  'no inbox': () => ({ secrets: memorySecrets() }),
  'memoryInbox()': () => ({ secrets: memorySecrets(), inbox: memoryInbox() }),
  'sqlite()': () => sqlite(temporaryFolder().path),
};

describe.each(Object.entries(homes))('handlers with %s', (_name, open) => {
  async function start() {
    const options = open();
    await options.secrets.accept('default', secret, 'always');
    const receiver = createReceiver({ ...options, logger: false });
    onTestFinished(() => receiver.close());
    const handler = createFetchHandler(receiver, { basePath: '/hook' });
    const deliver = (...events: readonly object[]) =>
      handler(
        delivery(events as Parameters<typeof delivery>[0], { secret }).toFetch('http://localhost/hook'),
      );
    return { receiver, deliver };
  }

  it('get each event once, in order, however often it is delivered', async () => {
    const { receiver, deliver } = await start();
    const handled: string[] = [];
    receiver.on(
      'task.changed',
      (changed) => void handled.push(`${changed.resource.gid} ${changed.change?.field}`),
    );
    await receiver.start();
    const first = event('task.changed.name');
    const second = { ...first, change: { ...first.change, field: 'completed' } };
    for (const events of [[first], [first, second], [first, second]]) {
      expect((await deliver(...events)).status).toBe(200);
      await receiver.idle();
    }
    expect(handled).toEqual([`${first.resource.gid} name`, `${first.resource.gid} completed`]);
  });

  it('run in order of registration, and may be asynchronous', async () => {
    const { receiver, deliver } = await start();
    const ran: string[] = [];
    receiver
      .on('*', async () => void ran.push('any'))
      .on('task.*', async (_event, { eventKey }) => {
        await new Promise((resolve) => setImmediate(resolve));
        ran.push(`task ${eventKey.length}`);
      })
      .on('task.changed.name', () => void ran.push('name'))
      .on('story.*', () => void ran.push('story'));
    await receiver.start();
    expect((await deliver(event('task.changed.name'))).status).toBe(200);
    await receiver.idle();
    expect(ran).toEqual(['any', 'task 64', 'name']);
  });
});
