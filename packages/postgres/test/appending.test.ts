import { type PostgresServer, startPostgres, withoutPostgres } from '@hookshake/servers/postgres';
import { simpleDelivery } from '@hookshake/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Postgres, type PostgresOptions, type PostgresPool, postgres } from '../src/index.js';

describe.skipIf(withoutPostgres)('appends that arrive together', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
    const { migrate, close } = postgres(server.url);
    await migrate();
    await close();
  });
  afterAll(() => server.remove());
  beforeEach(async () => {
    await server.query('DELETE FROM hookshake.delivery');
  });

  function open(options?: PostgresOptions, pool: string | PostgresPool = server.url): Postgres {
    const store = postgres(pool, options);
    onTestFinished(() => store.close());
    return store;
  }

  it('share one statement, 64 at most', async () => {
    const pool = new pg.Pool({ connectionString: server.url });
    onTestFinished(() => pool.end());
    let statements = 0;
    const { inbox } = open(
      {},
      {
        connect(callback) {
          statements++;
          pool.connect(callback);
        },
      },
    );
    await inbox.append(simpleDelivery('first'));
    statements = 0;
    await Promise.all(Array.from({ length: 130 }, (_, index) => inbox.append(simpleDelivery(`${index}`))));
    expect(statements).toBe(3);
    await inbox.append(simpleDelivery('alone'));
    expect(statements).toBe(4);
  });

  it('are all refused when their statement fails, and none is kept', async () => {
    const { inbox } = open();
    await server.query(`ALTER TABLE hookshake.delivery ADD CONSTRAINT no_c CHECK (id <> 'c')`);
    const results = await Promise.allSettled(
      ['a', 'b', 'c', 'd'].map((id) => inbox.append(simpleDelivery(id))),
    );
    await server.query('ALTER TABLE hookshake.delivery DROP CONSTRAINT no_c');
    expect(results.map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
    expect((await inbox.stats()).waiting).toBe(0);
    await inbox.append(simpleDelivery('c'));
    expect((await inbox.stats()).waiting).toBe(1);
  });

  it('are refused one by one where the bound is reached', async () => {
    const { inbox } = open({ maxWaiting: 3 });
    const results = await Promise.allSettled(
      ['a', 'b', 'c', 'd', 'e'].map((id) => inbox.append(simpleDelivery(id))),
    );
    expect(results.map(({ status }) => status)).toEqual([
      ...Array(3).fill('fulfilled'),
      ...Array(2).fill('rejected'),
    ]);
    expect(results[4]).toMatchObject({ reason: { code: 'inbox_full' } });
  });

  it('are written by a close that comes before their turn', async () => {
    const store = postgres(server.url);
    const appended = store.inbox.append(simpleDelivery('a'));
    await store.close();
    await appended;
    expect((await open().inbox.stats()).waiting).toBe(1);
  });
});
