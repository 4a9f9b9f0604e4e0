import { type PostgresServer, startPostgres, withoutPostgres } from '@hookshake/servers/postgres';
import { simpleDelivery, simpleWork } from '@hookshake/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createDatabase } from '../src/database.js';
import { postgres } from '../src/index.js';
import { LEASE_MS, openJobs } from '../src/jobs.js';

/** The highest concurrency that `start` takes. */
const CONCURRENCY = 1_000;

describe.skipIf(withoutPostgres)('jobs', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.remove());

  it('that a worker held when it died are found all at once', async () => {
    const pool = new pg.Pool({ connectionString: server.url });
    onTestFinished(() => pool.end());
    await postgres(pool).migrate();
    const database = createDatabase(pool);
    const jobs = await openJobs(database, 'hookshake');
    const ids = Array.from({ length: CONCURRENCY }, (_, index) => `${index}`);
    const events = ids.flatMap((id) => simpleWork().split(simpleDelivery(id)) ?? []);
    await database.transaction((run) => jobs.insert(run, events));
    const taken = await database.transaction((run) => jobs.take(run, CONCURRENCY));
    expect(taken).toHaveLength(CONCURRENCY);
    expect(await database.transaction(jobs.lockExpired)).toEqual([]);

    await server.query("UPDATE hookshake.job SET started_on = started_on - $1::float8 * interval '1 ms'", [
      LEASE_MS,
    ]);
    const lost = await database.transaction(jobs.lockExpired);
    expect(lost.map(({ event }) => event.key).sort()).toEqual([...ids].sort());
  });
});
