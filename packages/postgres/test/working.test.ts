import { createReceiver, type RawDelivery, SEEN_MS } from '@hookshake/core';
import { type PostgresServer, startPostgres, withoutPostgres } from '@hookshake/servers/postgres';
import { delivery, event, simpleDelivery, simpleWork } from '@hookshake/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createDatabase } from '../src/database.js';
import { type Postgres, type PostgresOptions, type PostgresPool, postgres } from '../src/index.js';
import { LEASE_MS } from '../src/jobs.js';
import { purgeSeen } from '../src/splitting.js';
import { deferred } from './support/deferred.js';
import { createLeavablePool, type LeavablePool } from './support/leavable-pool.js';

const SECRET = 'b537207f20cbfa02357cf448134da559';

/** For tests that start the server again: after a crash it writes all of its files to the disk first. */
const RESTARTING = { timeout: 30_000 };

describe.skipIf(withoutPostgres)('an inbox in PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
    const { migrate, close } = postgres(server.url);
    await migrate();
    await close();
  });
  afterAll(() => server.remove());
  beforeEach(async () => {
    for (const table of ['secret', 'delivery', 'parked_delivery', 'job', 'failed_event', 'seen']) {
      await server.query(`DELETE FROM hookshake.${table}`);
    }
  });

  function open(options?: PostgresOptions, pool: string | PostgresPool = server.url): Postgres {
    const store = postgres(pool, options);
    onTestFinished(() => store.close());
    return store;
  }

  function openPool(): LeavablePool {
    const pool = createLeavablePool(server.url);
    onTestFinished(() => pool.end());
    return pool;
  }

  async function openClient(): Promise<pg.Client> {
    const client = new pg.Client(server.url);
    await client.connect();
    onTestFinished(() => client.end());
    return client;
  }

  /** Waits until so many transactions wait for others. */
  async function waitForLocks(count: number): Promise<void> {
    await expect
      .poll(() => server.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
      .toHaveLength(count);
  }

  describe('that is closed', () => {
    it.each(['before', 'while'])(
      'starts no worker, whether that was %s it was asked for one',
      async (when) => {
        const pool = new pg.Pool({ connectionString: server.url });
        onTestFinished(() => pool.end());
        const { inbox, close } = open({}, pool);
        // From now on nothing has to be asked of the server before a worker starts.
        await (await inbox.consume(simpleWork())).stop(0);
        const consuming = when === 'while' ? inbox.consume(simpleWork()) : undefined;
        const closing = close();
        await expect(consuming ?? inbox.consume(simpleWork())).rejects.toThrow('The inbox is closed');
        await expect(inbox.append(simpleDelivery('a'))).rejects.toThrow('The inbox is closed');
        await closing;
      },
    );

    it('aborts what its workers handle, and gives it back', async () => {
      const { inbox, close } = open();
      const [begun, aborted] = [deferred(), deferred()];
      await inbox.consume(
        simpleWork(async (_event, { signal }) => {
          signal.addEventListener('abort', aborted.resolve);
          begun.resolve();
          await aborted.promise;
        }),
      );
      await inbox.append(simpleDelivery('a'));
      await begun.promise;
      await close();
      await aborted.promise;
      expect(await open().inbox.stats()).toMatchObject({ waiting: 1, running: 0 });
    });
  });

  it('changes nothing by what a worker ends whose lease ran out while it stood still', async () => {
    const [first, second] = [open(), open()];
    const [begun, late, again, done] = [deferred(), deferred(), deferred(), deferred()];
    const gaveUp = vi.fn();
    const stuck = await first.inbox.consume(
      simpleWork(
        async () => {
          begun.resolve();
          await late.promise;
          throw new Error('late');
        },
        { gaveUp },
      ),
    );
    await first.inbox.append(simpleDelivery('a'));
    await begun.promise;

    // For it no time passes, so that it does not renew its lease.
    const standing = vi.spyOn(performance, 'now').mockReturnValue(performance.now());
    onTestFinished(() => standing.mockRestore());
    await server.query("UPDATE hookshake.job SET started_on = started_on - $1::float8 * interval '1 ms'", [
      LEASE_MS,
    ]);
    const other = await second.inbox.consume(
      simpleWork(async (_event, { attempt }) => {
        expect(attempt).toBe(1);
        again.resolve();
        await done.promise;
      }),
    );
    await again.promise;
    late.resolve();
    await stuck.stop(1_000);
    expect(await second.inbox.stats()).toMatchObject({ running: 1, failed: 0 });
    done.resolve();
    await other.stop(1_000);
    expect(await second.inbox.stats()).toMatchObject({ running: 0, waiting: 0, failed: 0 });
    expect(gaveUp).not.toHaveBeenCalled();
  });

  it('renews the leases of what is handled, however long that takes', async () => {
    const { inbox } = open();
    const [begun, done] = [deferred(), deferred()];
    const worker = await inbox.consume(
      simpleWork(async () => {
        begun.resolve();
        await done.promise;
      }),
    );
    await inbox.append(simpleDelivery('a'));
    await begun.promise;
    // By less than a lease: one that has run out would be begun anew by taking the event back.
    await server.query("UPDATE hookshake.job SET started_on = started_on - $1::float8 * interval '1 ms'", [
      LEASE_MS / 2,
    ]);
    const renewed = () =>
      server.query(
        `SELECT 1 FROM hookshake.job WHERE started_on > clock_timestamp() - interval '${LEASE_MS / 2} ms'`,
      );
    await expect.poll(renewed, { timeout: 4_500 }).toHaveLength(1);
    done.resolve();
    await worker.stop(1_000);
    expect(await inbox.stats()).toMatchObject({ waiting: 0, running: 0 });
  });

  it('tells when no event can be taken, and takes it when it can', async () => {
    const { inbox } = open();
    const [troubled, handled] = [deferred(), deferred()];
    const work = simpleWork(async () => handled.resolve(), { troubled: troubled.resolve });
    await server.query("ALTER TABLE hookshake.job ADD CONSTRAINT none_taken CHECK (state <> 'active')");
    const allow = () => server.query('ALTER TABLE hookshake.job DROP CONSTRAINT IF EXISTS none_taken');
    onTestFinished(async () => void (await allow()));
    const worker = await inbox.consume(work);
    await inbox.append(simpleDelivery('a'));
    await troubled.promise;
    await allow();
    await handled.promise;
    await worker.stop(1_000);
    expect(await inbox.stats()).toMatchObject({ waiting: 0, running: 0 });
  });

  it('writes at the end of a worker what ended while the server was away', async () => {
    const pool = openPool();
    const { inbox } = open({}, pool);
    const [begun, done] = [deferred(), deferred()];
    let troubles = 0;
    const worker = await inbox.consume(
      simpleWork(
        async () => {
          begun.resolve();
          await done.promise;
        },
        {
          troubled() {
            troubles++;
            if (stopping !== undefined) pool.away = false;
          },
        },
      ),
    );
    let stopping: Promise<void> | undefined;
    await inbox.append(simpleDelivery('a'));
    await begun.promise;
    pool.away = true;
    done.resolve();
    await expect.poll(() => troubles).toBeGreaterThan(0);
    stopping = worker.stop(0);
    await stopping;
    expect(await inbox.stats()).toMatchObject({ waiting: 0, running: 0 });
  });

  it('takes over nothing after an outage until the others have had time to say that they live', async () => {
    const [firstPool, secondPool] = [openPool(), openPool()];
    const [begun, done, handled] = [deferred(), deferred(), deferred()];
    const [troubled, alsoTroubled] = [deferred(), deferred()];
    const calls: string[] = [];
    const first = await open({}, firstPool).inbox.consume(
      simpleWork(
        async ({ key }) => {
          calls.push(`first ${key}`);
          begun.resolve();
          await done.promise;
        },
        { troubled: troubled.resolve },
      ),
    );
    const { inbox } = open();
    await inbox.append(simpleDelivery('a'));
    await begun.promise;
    const second = await open({}, secondPool).inbox.consume(
      simpleWork(
        async ({ key }) => {
          calls.push(`second ${key}`);
          handled.resolve();
        },
        { troubled: alsoTroubled.resolve },
      ),
    );

    for (const pool of [firstPool, secondPool]) pool.away = true;
    await Promise.all([troubled.promise, alsoTroubled.promise]);
    await server.query("UPDATE hookshake.job SET started_on = started_on - $1::float8 * interval '1 ms'", [
      LEASE_MS,
    ]);
    secondPool.away = false;
    await inbox.append(simpleDelivery('b'));
    await handled.promise;
    firstPool.away = false;
    done.resolve();
    await first.stop(1_000);
    await second.stop(1_000);
    expect(calls).toEqual(['first a', 'second b']);
    expect(await inbox.stats()).toMatchObject({ waiting: 0, running: 0 });
  });

  it('leaves to a worker what it splits, and splits the rest meanwhile', async () => {
    const { inbox } = open();
    await inbox.append(simpleDelivery('a'));
    const splitter = await openClient();
    await splitter.query('BEGIN; SELECT 1 FROM hookshake.delivery FOR UPDATE');
    await inbox.append(simpleDelivery('b'));
    const handled = deferred();
    const keys: string[] = [];
    const worker = await inbox.consume(
      simpleWork(async ({ key }) => {
        keys.push(key);
        handled.resolve();
      }),
    );
    await handled.promise;
    await worker.stop(1_000);
    expect(keys).toEqual(['b']);
  });

  describe('marks what it sees in the order of the keys, so that nobody waits in a circle', () => {
    /** Has two keys of a hook met by a worker, the first before `begin`, the second when what that began waits for it. */
    async function meetAround(begin: () => Promise<void>): Promise<void> {
      await server.query("INSERT INTO hookshake.seen VALUES ('bugs', 'z'), ('bugs', 'a')");
      const worker = await openClient();
      const meet = (key: string) =>
        worker.query("SELECT 1 FROM hookshake.seen WHERE hook_id = 'bugs' AND key = $1 FOR UPDATE", [key]);
      await worker.query('BEGIN');
      await meet('a');
      const begun = begin();
      await waitForLocks(1);
      await Promise.all([begun, meet('z').then(() => worker.query('COMMIT'))]);
    }

    it('a forget', async () => {
      await meetAround(() => open().inbox.forget('bugs'));
      expect(await server.query('SELECT 1 FROM hookshake.seen')).toEqual([]);
    });

    it('another worker', async () => {
      const { inbox } = open();
      const split = (one: RawDelivery) =>
        ['z', 'a'].flatMap((id) => simpleWork().split({ ...one, id }) ?? []);
      await inbox.append(simpleDelivery('again'));
      const ended = deferred();
      const troubled = vi.fn(ended.resolve);
      let duplicates = 0;
      const duplicate = () => {
        if (++duplicates === 2) ended.resolve();
      };
      await meetAround(async () => {
        const worker = await inbox.consume(simpleWork(undefined, { split, troubled, duplicate }));
        await ended.promise;
        await worker.stop(1_000);
      });
      expect([duplicates, troubled.mock.calls]).toEqual([2, []]);
    });
  });

  it('forgets a hook whole, though something of it is retried meanwhile', async () => {
    const { inbox } = open();
    const unreadable = simpleWork(undefined, { split: () => undefined });
    const worker = await inbox.consume(unreadable);
    await inbox.append(simpleDelivery('parked'));
    const parked = async () => (await inbox.parked()).items;
    await expect.poll(parked).toHaveLength(1);
    await worker.stop(1_000);
    const [one] = await parked();
    await inbox.append(simpleDelivery('waiting'));

    const holder = await openClient();
    await holder.query('BEGIN; SELECT 1 FROM hookshake.delivery FOR UPDATE');
    const forgetting = inbox.forget('bugs');
    await waitForLocks(1);
    const retrying = inbox.retry(one?.id ?? '');
    await Promise.race([retrying, waitForLocks(2)]);
    await holder.query('COMMIT');
    await Promise.all([forgetting, retrying]);
    expect(await inbox.stats()).toMatchObject({ waiting: 0, parked: 0 });
  });

  it('queues nothing anew of a hook that was forgotten while its event was handled', async () => {
    const { inbox } = open();
    const [begun, late] = [deferred(), deferred()];
    const worker = await inbox.consume(
      simpleWork(
        async () => {
          begun.resolve();
          await late.promise;
          throw new Error('late');
        },
        { attempts: 2 },
      ),
    );
    await inbox.append(simpleDelivery('a'));
    await begun.promise;
    await inbox.forget('bugs');
    late.resolve();
    await worker.stop(1_000);
    expect(await inbox.stats()).toMatchObject({ waiting: 0, running: 0, failed: 0 });
  });

  it('keeps nothing of what is done but its key, and that for seven days', async () => {
    const { inbox } = open();
    const handled = deferred();
    let left = 100;
    const worker = await inbox.consume(
      simpleWork(async () => {
        if (--left === 0) handled.resolve();
      }),
    );
    const ids = Array.from({ length: left }, (_, index) => `${index}`);
    await Promise.all(ids.map((id) => inbox.append(simpleDelivery(id))));
    await handled.promise;
    await worker.stop(1_000);
    const count = async (table: string) => (await server.query(`SELECT 1 FROM hookshake.${table}`)).length;
    expect([await count('delivery'), await count('job'), await count('archive')]).toEqual([0, 0, 0]);

    const pool = new pg.Pool({ connectionString: server.url });
    onTestFinished(() => pool.end());
    const purge = () => createDatabase(pool).transaction((run) => purgeSeen(run, 'hookshake'));
    await purge();
    expect(await count('seen')).toBe(100);
    await server.query("UPDATE hookshake.seen SET seen_at = seen_at - $1::float8 * interval '1 ms'", [
      SEEN_MS,
    ]);
    await purge();
    expect(await count('seen')).toBe(0);
  });

  it('forgets at once all that is seven days old, and not some of it a minute', async () => {
    const { inbox } = open();
    await server.query(
      `INSERT INTO hookshake.seen SELECT 'bugs', n, clock_timestamp() - $1::float8 * interval '1 ms'
       FROM generate_series(1, 25000) AS n`,
      [SEEN_MS],
    );
    const worker = await inbox.consume(simpleWork());
    const now = performance.now.bind(performance);
    const aMinuteLater = vi.spyOn(performance, 'now').mockImplementation(() => now() + 60_000);
    onTestFinished(() => aMinuteLater.mockRestore());
    const left = async () => (await server.query('SELECT 1 FROM hookshake.seen LIMIT 1')).length;
    await expect.poll(left, { timeout: 4_000 }).toBe(0);
    await worker.stop(0);
  });

  describe('is asked by a worker', () => {
    /** What is asked from now on. */
    function listen(): () => readonly { readonly text: string; readonly query_timeout: number }[] {
      const query = vi.spyOn(pg.Client.prototype, 'query');
      onTestFinished(() => query.mockRestore());
      return () =>
        query.mock.calls.map(([config]) => config as unknown as { text: string; query_timeout: number });
    }

    it('within 10 seconds for each statement, less than its lease, and by requests within 4', async () => {
      const { inbox } = open();
      const handled = deferred();
      const worker = await inbox.consume(simpleWork(async () => handled.resolve()));
      const asked = listen();
      await inbox.append(simpleDelivery('a'));
      await handled.promise;
      await worker.stop(1_000);
      const within = (text: RegExp) =>
        new Set(
          asked()
            .filter((one) => text.test(one.text))
            .map(({ query_timeout }) => query_timeout),
        );
      expect(within(/INTO hookshake.delivery/)).toEqual(new Set([4_000]));
      for (const text of [/^WITH head/, /INTO hookshake.seen/, /INTO hookshake.job/]) {
        expect(within(text)).toEqual(new Set([10_000]));
      }
      expect(10_000).toBeLessThan(LEASE_MS);
    });

    it('in no transaction that is empty', async () => {
      const pool = new pg.Pool({ connectionString: server.url, max: 1 });
      onTestFinished(() => pool.end());
      const { inbox } = open({}, pool);
      const asked = listen();
      await (await inbox.consume(simpleWork())).stop(0);
      const texts = asked().map(({ text }) => text.split(' ')[0]);
      expect(texts).toContain('BEGIN');
      expect(texts.join(' ')).not.toContain('BEGIN COMMIT');
    });
  });

  it('answers 503 while the server is away, and goes on by itself when it is back', RESTARTING, async () => {
    const told: string[] = [];
    const troubled = deferred();
    const note = (details: object): void => {
      const { code } = details as { code: string };
      told.push(code);
      if (code === 'inbox_work_failed') troubled.resolve();
    };
    const { secrets, inbox, close } = postgres(server.url);
    await secrets.accept('default', SECRET, 'always');
    const receiver = createReceiver({ secrets, inbox, close, logger: { warn: note, error: note } });
    onTestFinished(() => receiver.close());
    const [begun, late] = [deferred(), deferred()];
    const handled: string[] = [];
    receiver.on('task.changed', async ({ resource }) => {
      if (resource.gid === '1') {
        begun.resolve();
        await late.promise;
      }
      handled.push(resource.gid);
    });
    await receiver.start();
    const deliver = async (gid: string) => {
      const one = event('task.changed', { resource: { gid, resource_type: 'task' } });
      return (await receiver.receive(delivery([one], { secret: SECRET }))).status;
    };
    expect(await deliver('1')).toBe(200);
    await begun.promise;

    await server.stop('immediate');
    expect(await deliver('2')).toBe(503);
    await expect(inbox.append(simpleDelivery('a'))).rejects.toThrow();
    late.resolve();
    await troubled.promise;
    await server.start();

    expect(await deliver('3')).toBe(200);
    await receiver.idle();
    expect([...handled].sort()).toEqual(['1', '3']);
    expect(told.filter((code) => code === 'inbox_work_failed')).toHaveLength(1);
  });

  it(
    'cannot be worked on while the server is away, and can be when it is back, if it is asked again',
    RESTARTING,
    async () => {
      const { secrets, inbox, close, migrate } = postgres(server.url);
      const receiver = createReceiver({ secrets, inbox, close, logger: false });
      onTestFinished(() => receiver.close());
      const handled = deferred();
      receiver.on('task.changed', handled.resolve);

      await server.stop('fast');
      await expect(receiver.start()).rejects.toThrow();
      await expect(receiver.start()).rejects.toThrow();
      await expect(migrate()).rejects.toThrow();
      await server.start();

      await migrate();
      await receiver.start();
      await secrets.accept('default', SECRET, 'always');
      expect(await receiver.receive(delivery([event('task.changed')], { secret: SECRET }))).toMatchObject({
        status: 200,
      });
      await handled.promise;
    },
  );
});
