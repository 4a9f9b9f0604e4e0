import { type PostgresServer, startPostgres, withoutPostgres } from '@hookshake/servers/postgres';
import { type InboxSetup, inboxBattery } from '@hookshake/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type Postgres, postgres } from '../src/index.js';
import { LEASE_MS } from '../src/jobs.js';
import { createCuttablePool } from './support/cuttable-pool.js';

const TABLES = ['delivery', 'parked_delivery', 'job', 'failed_event', 'seen'];

describe.skipIf(withoutPostgres)('postgres().inbox', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
    const store = postgres(server.url);
    await store.migrate();
    await store.close();
  });
  afterAll(() => server.remove());

  /** Two handles on one schema, as two processes have. */
  async function create(maxWaiting?: number): Promise<InboxSetup> {
    const ends: (() => Promise<void>)[] = [];
    const open = () => {
      const pool = createCuttablePool(server);
      const store: Postgres = postgres(pool, { maxWaiting });
      ends.unshift(store.close, pool.end);
      return { pool, inbox: store.inbox };
    };
    for (const table of TABLES) await server.query(`DELETE FROM hookshake.${table}`);
    let alive = open();
    return {
      inbox: alive.inbox,
      second: open().inbox,
      async advance(ms) {
        const move = (table: string, column: string, where = 'true') =>
          server.query(
            `UPDATE hookshake.${table} SET ${column} = ${column} - $1::float8 * interval '1 ms' WHERE ${where}`,
            [ms],
          );
        await move('delivery', 'kept_at');
        await move('seen', 'seen_at');
        // While this time passes, workers renew their leases.
        await move('job', 'start_after', "state < 'active'");
      },
      async crash() {
        await alive.pool.cut();
        await server.query(
          `UPDATE hookshake.job SET started_on = started_on - $1::float8 * interval '1 ms' WHERE state = 'active'`,
          [LEASE_MS],
        );
        alive = open();
        return alive.inbox;
      },
      async close() {
        for (const end of ends) await end();
      },
    };
  }

  it.each(inboxBattery)('$title', ({ run }) =>
    run({ create: () => create(), createBounded: create, clock: 'running' }),
  );
});
