import type { RawDelivery } from '@hookshake/core';
import { type PostgresServer, startPostgres, withoutPostgres } from '@hookshake/servers/postgres';
import { simpleDelivery } from '@hookshake/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Postgres, type PostgresOptions, type PostgresPool, postgres } from '../src/index.js';

const LARGE = Buffer.alloc(4 * 1024 * 1024);

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

  /** How many statements it takes to append these to an inbox that has been used before. */
  async function countStatements(deliveries: readonly RawDelivery[]): Promise<number> {
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
    await Promise.all(deliveries.map((delivery) => inbox.append(delivery)));
    return statements;
  }

  /** As large as a receiver lets one be. */
  const largeDelivery = (id: string): RawDelivery => ({ ...simpleDelivery(id), body: LARGE });

  it('share one statement, 64 at most', async () => {
    const deliveries = Array.from({ length: 130 }, (_, index) => simpleDelivery(`${index}`));
    expect(await countStatements(deliveries)).toBe(3);
    expect(await countStatements([simpleDelivery('alone')])).toBe(1);
  });

  it('share one statement, 8 MiB at most', async () => {
    expect(await countStatements(['a', 'b', 'c'].map(largeDelivery))).toBe(2);
    const largest = { ...simpleDelivery('largest'), body: Buffer.alloc(3 * LARGE.length) };
    expect(await countStatements([simpleDelivery('a'), largest, simpleDelivery('b')])).toBe(3);
  });

  it('are refused at once when 64 MiB of them wait for a slow server, and taken again when it has them', async () => {
    const { inbox } = open();
    await inbox.append(simpleDelivery('first'));
    const slow = new pg.Client(server.url);
    await slow.connect();
    onTestFinished(() => slow.end());
    await slow.query('BEGIN; LOCK TABLE hookshake.delivery');
    const waiting = Array.from({ length: 16 }, (_, index) => inbox.append(largeDelivery(`${index}`)));
    await expect(inbox.append(simpleDelivery('one too many'))).rejects.toMatchObject({ code: 'inbox_full' });
    await slow.query('COMMIT');
    await Promise.all(waiting);
    await inbox.append(largeDelivery('later'));
    expect((await inbox.stats()).waiting).toBe(18);
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

  it('are taken from several processes at once, though transactions are serializable unless told otherwise', async () => {
    const strict = () => {
      const url = `${server.url}?options=-c%20default_transaction_isolation=serializable`;
      return open({}, url).inbox;
    };
    const inboxes = [strict(), strict()];
    await Promise.all(
      inboxes.map(async (inbox, process) => {
        for (let count = 0; count < 50; count++) await inbox.append(simpleDelivery(`${process}-${count}`));
      }),
    );
    expect((await open().inbox.stats()).waiting).toBe(100);
  });

  it('are written by a close that comes before their turn', async () => {
    const store = postgres(server.url);
    const appended = store.inbox.append(simpleDelivery('a'));
    await store.close();
    await appended;
    expect((await open().inbox.stats()).waiting).toBe(1);
  });
});
