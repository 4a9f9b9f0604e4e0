import { createReceiver } from '@hookshake/core';
import { type PostgresServer, startPostgres, withoutPostgres } from '@hookshake/servers/postgres';
import { delivery, event } from '@hookshake/testing';
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
});
