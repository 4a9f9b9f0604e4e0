import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { SEEN_MS } from '@hookshake/core';
import { type InboxSetup, inboxBattery, simpleDelivery, simpleWork } from '@hookshake/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { createAppending } from '../src/appending.js';
import { createInbox } from '../src/inbox.js';
import { createInboxRows } from '../src/inbox-rows.js';
import { sqlite } from '../src/index.js';
import { openDatabase } from '../src/open-database.js';
import { LEASE_MS } from '../src/working.js';
import { deferred } from './support/deferred.js';
import { temporaryFolder } from './support/temporary-folder.js';

describe('sqlite().inbox', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hookshake-sqlite-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Two handles on one file, as two processes have. */
  function create(maxWaiting?: number): InboxSetup {
    let time = Date.UTC(2026, 10, 1);
    const now = () => time;
    const path = join(folder, randomUUID());
    const second = sqlite(path, { now, maxWaiting });
    const operator = openDatabase(path);
    const moveLeases = operator.prepare('UPDATE holders SET expires_at = expires_at + ?');
    let alive = sqlite(path, { now, maxWaiting });
    return {
      inbox: alive.inbox,
      second: second.inbox,
      advance(ms) {
        time += ms;
        // While this time passes, workers renew their leases.
        moveLeases.run(ms);
      },
      async crash() {
        await alive.close();
        time += LEASE_MS;
        alive = sqlite(path, { now, maxWaiting });
        return alive.inbox;
      },
      async close() {
        operator.close();
        await alive.close();
        await second.close();
      },
    };
  }

  it.each(inboxBattery)('$title', ({ run }) => run({ create: () => create(), createBounded: create }));
});

describe('appends that arrive together', () => {
  it('share one statement, 64 at most', async () => {
    const database = openDatabase(temporaryFolder().path);
    const rows = createInboxRows(database);
    const groups: number[] = [];
    const { append } = createAppending(
      {
        ...rows,
        addDeliveries(deliveries, time) {
          groups.push(deliveries.length);
          rows.addDeliveries(deliveries, time);
        },
      },
      { maxWaiting: 1_000, now: Date.now, assertPresent() {}, appended() {} },
    );
    await Promise.all(Array.from({ length: 130 }, (_, index) => append(simpleDelivery(`${index}`))));
    expect(groups).toEqual([64, 64, 2]);
    await append(simpleDelivery('alone'));
    expect(groups).toEqual([64, 64, 2, 1]);
    expect(rows.waiting()).toBe(131);
    database.close();
  });

  it('are all refused when their statement fails, and none is kept', async () => {
    const { path } = temporaryFolder();
    const { inbox, close } = sqlite(path);
    const operator = openDatabase(path);
    operator.exec(
      "CREATE TRIGGER full BEFORE INSERT ON deliveries WHEN NEW.id = 'c' " +
        "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
    );
    const results = await Promise.allSettled(
      ['a', 'b', 'c', 'd'].map((id) => inbox.append(simpleDelivery(id))),
    );
    expect(results.map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
    expect((await inbox.stats()).waiting).toBe(0);
    operator.exec('DROP TRIGGER full');
    await inbox.append(simpleDelivery('c'));
    expect((await inbox.stats()).waiting).toBe(1);
    operator.close();
    await close();
  });

  it('are written by a close that comes before their turn', async () => {
    const { path } = temporaryFolder();
    const { inbox, close } = sqlite(path);
    const appended = inbox.append(simpleDelivery('a'));
    await close();
    await appended;
    const again = sqlite(path);
    expect((await again.inbox.stats()).waiting).toBe(1);
    await again.close();
  });

  it('are refused one by one where the bound is reached', async () => {
    const { inbox, close } = sqlite(temporaryFolder().path, { maxWaiting: 3 });
    const results = await Promise.allSettled(
      ['a', 'b', 'c', 'd', 'e'].map((id) => inbox.append(simpleDelivery(id))),
    );
    expect(results.map(({ status }) => status)).toEqual([
      ...Array(3).fill('fulfilled'),
      'rejected',
      'rejected',
    ]);
    expect(results[4]).toMatchObject({ reason: { code: 'inbox_full' } });
    await close();
  });

  it('are refused a quarter of a second after another process has filled it', async () => {
    const { path } = temporaryFolder();
    const [here, there] = [sqlite(path, { maxWaiting: 3 }), sqlite(path, { maxWaiting: 3 })];
    await here.inbox.append(simpleDelivery('a'));
    await there.inbox.append(simpleDelivery('b'));
    await there.inbox.append(simpleDelivery('c'));
    await setTimeout(300);
    await expect(here.inbox.append(simpleDelivery('d'))).rejects.toMatchObject({ code: 'inbox_full' });
    await here.close();
    await there.close();
  });
});

describe('what is done with', () => {
  it('is gone from the file, and after seven days its key, too', async () => {
    const { path } = temporaryFolder();
    let time = 0;
    const { inbox, close } = sqlite(path, { now: () => time });
    const operator = openDatabase(path);
    const countOf = (table: string) =>
      (operator.prepare(`SELECT count(*) AS count FROM ${table}`).get() as { count: number }).count;

    async function handle(ids: readonly string[]): Promise<void> {
      let left = ids.length;
      const done = deferred();
      const worker = await inbox.consume(
        simpleWork(async () => {
          if (--left === 0) done.resolve();
        }),
      );
      await Promise.all(ids.map((id) => inbox.append(simpleDelivery(id))));
      await done.promise;
      await worker.stop(1_000);
    }

    await handle(Array.from({ length: 100 }, (_, index) => `old-${index}`));
    expect(['deliveries', 'events', 'seen', 'holders'].map(countOf)).toEqual([0, 0, 100, 0]);
    time += SEEN_MS;
    await handle(['new']);
    expect(['deliveries', 'events', 'seen', 'holders'].map(countOf)).toEqual([0, 0, 1, 0]);
    operator.close();
    await close();
  });

  it('is gone however much there is to do', async () => {
    const { path } = temporaryFolder();
    const { inbox, close } = sqlite(path, { now: () => SEEN_MS });
    const operator = openDatabase(path);
    operator.exec(
      'WITH RECURSIVE old (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM old WHERE n < 2000) ' +
        "INSERT INTO seen SELECT 'bugs', 'old-' || n, 0 FROM old",
    );
    await Promise.all(Array.from({ length: 64 }, (_, count) => inbox.append(simpleDelivery(`${count}`))));
    let left = 64;
    const done = deferred();
    const worker = await inbox.consume({
      ...simpleWork(async () => {
        if (--left === 0) done.resolve();
      }),
      concurrency: 64,
    });
    await done.promise;
    await worker.stop(1_000);
    expect(operator.prepare('SELECT count(*) AS count FROM seen WHERE at = 0').get()).toEqual({ count: 0 });
    operator.close();
    await close();
  });
});

describe('the figures', () => {
  it('count what was forgotten between others until those before it are split, and are right again then', async () => {
    const { path } = temporaryFolder();
    const store = sqlite(path);
    for (const hookId of ['bugs', 'features', 'features', 'bugs']) {
      await store.inbox.append({ ...simpleDelivery(randomUUID()), hookId });
    }
    await store.inbox.forget('features');
    expect((await store.inbox.stats()).waiting).toBe(4);

    const held = deferred();
    const worker = await store.inbox.consume(simpleWork(() => held.promise));
    await expect.poll(async () => (await store.inbox.stats()).running).toBe(2);
    expect((await store.inbox.stats()).waiting).toBe(0);
    held.resolve();
    await expect.poll(async () => (await store.inbox.stats()).running).toBe(0);
    await worker.stop(1_000);
    await store.close();
  });

  it('are of one moment, whatever another process does while they are read', async () => {
    const { path } = temporaryFolder();
    const database = openDatabase(path);
    const other = sqlite(path);
    const operator = openDatabase(path);
    let meanwhile = (): void => {};
    const inbox = createInbox(
      {
        exec: (sql) => database.exec(sql),
        close: () => database.close(),
        prepare(sql) {
          const statement = database.prepare(sql);
          return {
            run: (...values) => statement.run(...values),
            all: (...values) => statement.all(...values),
            get(...values) {
              const row = statement.get(...values);
              meanwhile();
              return row;
            },
          };
        },
      },
      { now: Date.now, maxWaiting: 10, assertPresent: () => {} },
    );
    const begun = deferred();
    await other.inbox.consume(
      simpleWork(async () => {
        begun.resolve();
        await new Promise(() => {});
      }),
    );
    await other.inbox.append(simpleDelivery('a'));
    await begun.promise;

    meanwhile = () => operator.exec('DELETE FROM events');
    expect(await inbox.stats()).toMatchObject({ running: 1, waiting: 0 });
    meanwhile = () => {};
    expect(await inbox.stats()).toMatchObject({ running: 0, waiting: 0 });
    operator.close();
    database.close();
    await other.close();
  });
});
