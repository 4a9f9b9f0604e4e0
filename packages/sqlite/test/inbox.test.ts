import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InboxEvent, InboxWork, RawDelivery } from '@hookshake/core';
import { SEEN_MS } from '@hookshake/core';
import { type InboxSetup, inboxBattery } from '@hookshake/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { createAppending } from '../src/appending.js';
import { createInboxRows } from '../src/inbox-rows.js';
import { sqlite } from '../src/index.js';
import { openDatabase } from '../src/open-database.js';
import { createTransaction } from '../src/transaction.js';
import { LEASE_MS } from '../src/working.js';
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

/** A delivery of one event, which its id is the key of. */
function delivery(id: string): RawDelivery {
  return { id, hookId: 'bugs', receivedAtMs: 0, body: Buffer.from(id) };
}

function eventOf({ id, hookId, receivedAtMs }: RawDelivery): InboxEvent {
  return { deliveryId: id, hookId, receivedAtMs, key: id, lane: id, name: 'task.changed', json: '{}' };
}

function work(handle: InboxWork['handle'] = async () => {}): InboxWork {
  return {
    split: (raw) => [eventOf(raw)],
    handle,
    duplicate() {},
    describe: () => 'failed',
    gaveUp() {},
    troubled() {},
    attempts: 1,
    backoffMs: 1,
    timeoutMs: 1_000,
    concurrency: 10,
  };
}

/** A promise, and what resolves it. */
function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe('a worker that cannot write', () => {
  it('says so, and goes on once it can', async () => {
    const { path } = temporaryFolder();
    const { inbox, close } = sqlite(path);
    const operator = openDatabase(path);
    operator.exec(
      "CREATE TRIGGER full BEFORE DELETE ON deliveries BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
    );
    const trouble = deferred();
    const handled = deferred();
    await inbox.consume({ ...work(async () => handled.resolve()), troubled: trouble.resolve });
    await inbox.append(delivery('a'));
    await trouble.promise;
    operator.exec('DROP TRIGGER full');
    await handled.promise;
    operator.close();
    await close();
  });

  it('and so cannot be started does not work, and the one that is started after it works alone', async () => {
    const { path } = temporaryFolder();
    const { inbox, close } = sqlite(path);
    const operator = openDatabase(path);
    operator.exec(
      "INSERT INTO holders VALUES ('dead', 0); " +
        "CREATE TRIGGER full BEFORE DELETE ON holders BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
    );
    const handledBy: string[] = [];
    const both = deferred();
    const handle = (name: string) => async () => {
      handledBy.push(name);
      if (handledBy.length === 2) both.resolve();
    };
    await expect(inbox.consume(work(handle('first')))).rejects.toThrow('the disk is full');
    operator.exec('DROP TRIGGER full');
    const worker = await inbox.consume(work(handle('second')));
    for (const id of ['a', 'b']) await inbox.append(delivery(id));
    await both.promise;
    await worker.stop(1_000);
    expect(handledBy).toEqual(['second', 'second']);
    operator.close();
    await close();
  });
});

describe('appends that arrive together', () => {
  it('share one transaction, 64 at most', async () => {
    const database = openDatabase(temporaryFolder().path);
    const transaction = createTransaction(database);
    let commits = 0;
    const { append } = createAppending(
      createInboxRows(database),
      (write) => {
        commits++;
        return transaction(write);
      },
      { maxWaiting: 1_000, now: Date.now, appended() {} },
    );
    await Promise.all(Array.from({ length: 130 }, (_, index) => append(delivery(`${index}`))));
    expect(commits).toBe(3);
    await append(delivery('alone'));
    expect(commits).toBe(4);
    database.close();
  });

  it('are all refused when their transaction fails, and none is kept', async () => {
    const { path } = temporaryFolder();
    const { inbox, close } = sqlite(path);
    const operator = openDatabase(path);
    operator.exec(
      "CREATE TRIGGER full BEFORE INSERT ON deliveries WHEN NEW.id = 'c' " +
        "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
    );
    const results = await Promise.allSettled(['a', 'b', 'c', 'd'].map((id) => inbox.append(delivery(id))));
    expect(results.map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
    expect((await inbox.stats()).waiting).toBe(0);
    operator.exec('DROP TRIGGER full');
    await inbox.append(delivery('c'));
    expect((await inbox.stats()).waiting).toBe(1);
    operator.close();
    await close();
  });

  it('are written by a close that comes before their turn', async () => {
    const { path } = temporaryFolder();
    const { inbox, close } = sqlite(path);
    const appended = inbox.append(delivery('a'));
    await close();
    await appended;
    const again = sqlite(path);
    expect((await again.inbox.stats()).waiting).toBe(1);
    await again.close();
  });

  it('are refused one by one where the bound is reached', async () => {
    const { inbox, close } = sqlite(temporaryFolder().path, { maxWaiting: 3 });
    const results = await Promise.allSettled(
      ['a', 'b', 'c', 'd', 'e'].map((id) => inbox.append(delivery(id))),
    );
    expect(results.map(({ status }) => status)).toEqual([
      ...Array(3).fill('fulfilled'),
      'rejected',
      'rejected',
    ]);
    expect(results[4]).toMatchObject({ reason: { code: 'inbox_full' } });
    await close();
  });
});

describe('a worker whose lease ran out while it stood still', () => {
  it('changes nothing by what it ends late', async () => {
    const { path } = temporaryFolder();
    const [first, second] = [sqlite(path), sqlite(path)];
    const [begun, late, again, done] = [deferred(), deferred(), deferred(), deferred()];
    const gaveUp: unknown[] = [];
    const stuck = await first.inbox.consume({
      ...work(async () => {
        begun.resolve();
        await late.promise;
        throw new Error('late');
      }),
      gaveUp: (...args) => gaveUp.push(args),
    });
    await first.inbox.append(delivery('a'));
    await begun.promise;

    const operator = openDatabase(path);
    operator.exec('UPDATE holders SET expires_at = 0');
    operator.close();
    const other = await second.inbox.consume(
      work(async (_event, { attempt }) => {
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
    expect(gaveUp).toEqual([]);
    await first.close();
    await second.close();
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
        work(async () => {
          if (--left === 0) done.resolve();
        }),
      );
      await Promise.all(ids.map((id) => inbox.append(delivery(id))));
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
});
