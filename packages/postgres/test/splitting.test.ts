import { createReceiver, type InboxWork } from '@hookshake/core';
import { type PostgresServer, startPostgres, withoutPostgres } from '@hookshake/servers/postgres';
import { delivery, event, simpleDelivery, simpleWork } from '@hookshake/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { postgres } from '../src/index.js';
import { deferred } from './support/deferred.js';

const SECRET = 'b537207f20cbfa02357cf448134da559';

describe.skipIf(withoutPostgres)('in PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.remove());

  it('a delivery of the largest body is split, without trouble', { timeout: 30_000 }, async () => {
    const { secrets, inbox, migrate, close } = postgres(server.url);
    await migrate();
    await secrets.accept('default', SECRET, 'always');
    const error = vi.fn();
    const receiver = createReceiver({ secrets, inbox, close, logger: { warn() {}, error } });
    onTestFinished(() => receiver.close());
    const begun = deferred();
    const handled = new Set<string>();
    receiver.on('task.changed', ({ resource }) => {
      begun.resolve();
      handled.add(resource.gid);
    });
    const events = Array.from({ length: 22_900 }, (_, index) =>
      event('task.changed', { resource: { gid: `${index}`, resource_type: 'task' } }),
    );
    expect(JSON.stringify({ events }).length).toBeGreaterThan(4_100_000);
    expect(await receiver.receive(delivery(events, { secret: SECRET }))).toMatchObject({ status: 200 });
    await receiver.start();
    await begun.promise;
    await receiver.close();
    const later = postgres(server.url);
    onTestFinished(() => later.close());
    expect(await later.inbox.stats()).toMatchObject({ waiting: events.length - handled.size, running: 0 });
    expect(error).not.toHaveBeenCalled();
  });

  it.each([
    ['200 events', 'splits_events', { bytes: 1, events: 200 }, 2],
    ['8 MiB', 'splits_bytes', { bytes: 4 * 1024 * 1024, events: 1 }, 1],
  ])('a worker splits %s ahead, and leaves the rest as it came', async (_much, schema, each, left) => {
    const { inbox, migrate, close } = postgres(server.url, { schema });
    onTestFinished(close);
    await migrate();
    for (const id of ['a', 'b', 'c']) {
      await inbox.append({ ...simpleDelivery(id), body: Buffer.alloc(each.bytes) });
    }
    const [begun, done] = [deferred(), deferred()];
    const handle = async () => {
      begun.resolve();
      await done.promise;
    };
    const split: InboxWork['split'] = (one) =>
      Array.from({ length: each.events }, (_, index) =>
        simpleWork().split({ ...one, id: `${one.id}-${index}` }),
      ).flatMap((events) => events ?? []);
    const worker = await inbox.consume(simpleWork(handle, { split, concurrency: 1 }));
    await begun.promise;
    expect(await server.query(`SELECT 1 FROM ${schema}.delivery`)).toHaveLength(left);
    const stopping = worker.stop(1_000);
    done.resolve();
    await stopping;
  });
});
