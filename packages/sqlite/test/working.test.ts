import { simpleDelivery, simpleWork } from '@hookshake/testing';
import { describe, expect, it } from 'vitest';
import { createInboxRows } from '../src/inbox-rows.js';
import { sqlite } from '../src/index.js';
import { openDatabase } from '../src/open-database.js';
import { createTransaction } from '../src/transaction.js';
import { createWorking } from '../src/working.js';
import { deferred } from './support/deferred.js';
import { temporaryFolder } from './support/temporary-folder.js';

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
    await inbox.consume({ ...simpleWork(async () => handled.resolve()), troubled: trouble.resolve });
    await inbox.append(simpleDelivery('a'));
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
    await expect(inbox.consume(simpleWork(handle('first')))).rejects.toThrow('the disk is full');
    operator.exec('DROP TRIGGER full');
    const worker = await inbox.consume(simpleWork(handle('second')));
    for (const id of ['a', 'b']) await inbox.append(simpleDelivery(id));
    await both.promise;
    await worker.stop(1_000);
    expect(handledBy).toEqual(['second', 'second']);
    operator.close();
    await close();
  });

  it('loses nothing of what it was about to begin', async () => {
    const database = openDatabase(temporaryFolder().path);
    const rows = createInboxRows(database);
    const trouble: unknown[] = [];
    const handled = deferred();
    let failing = true;
    const working = createWorking(
      {
        ...rows,
        nextDueAt() {
          if (!failing || rows.running() === 0) return rows.nextDueAt();
          failing = false;
          throw new Error('the disk is gone');
        },
      },
      createTransaction(database),
      { now: Date.now, changedByOthers: () => false },
    );
    rows.addDeliveries([simpleDelivery('a')], 0);
    const worker = await working.consume({
      ...simpleWork(async () => handled.resolve()),
      troubled: (error) => trouble.push(error),
    });
    await handled.promise;
    expect(trouble).toEqual([new Error('the disk is gone')]);
    await worker.stop(1_000);
    expect(rows.waiting()).toBe(0);
    database.close();
  });

  it('stops all the same, and says so', async () => {
    const { path } = temporaryFolder();
    const { inbox, close } = sqlite(path);
    const operator = openDatabase(path);
    const trouble: unknown[] = [];
    const [begun, again] = [deferred(), deferred()];
    const worker = await inbox.consume({
      ...simpleWork(async () => {
        begun.resolve();
        await new Promise(() => {});
      }),
      troubled: (error) => trouble.push(error),
    });
    await inbox.append(simpleDelivery('a'));
    await begun.promise;
    operator.exec(
      "CREATE TRIGGER full BEFORE DELETE ON holders BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
    );
    await worker.stop(1);
    expect(trouble).toEqual([expect.objectContaining({ message: 'the disk is full' })]);
    expect(await inbox.stats()).toMatchObject({ running: 1, waiting: 0 });

    operator.exec('DROP TRIGGER full');
    const next = await inbox.consume(simpleWork(async () => again.resolve()));
    await again.promise;
    await next.stop(1_000);
    operator.close();
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
      ...simpleWork(async () => {
        begun.resolve();
        await late.promise;
        throw new Error('late');
      }),
      gaveUp: (...args) => gaveUp.push(args),
    });
    await first.inbox.append(simpleDelivery('a'));
    await begun.promise;

    const operator = openDatabase(path);
    operator.exec('UPDATE holders SET expires_at = 0');
    operator.close();
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
    expect(gaveUp).toEqual([]);
    await first.close();
    await second.close();
  });

  it('changes nothing by what it ends late, though it has claimed the same event again', async () => {
    const { path } = temporaryFolder();
    const [first, second] = [sqlite(path), sqlite(path)];
    const [begun, again, done] = [deferred(), deferred(), deferred()];
    let endLate = (_error: Error): void => {};
    const gaveUp: unknown[] = [];
    let tries = 0;
    const stuck = await first.inbox.consume({
      ...simpleWork(async () => {
        if (++tries > 1) {
          again.resolve();
          return await done.promise;
        }
        begun.resolve();
        await new Promise((_resolve, reject) => {
          endLate = reject;
        });
      }),
      gaveUp: (...args) => gaveUp.push(args),
    });
    await first.inbox.append(simpleDelivery('a'));
    await begun.promise;

    const operator = openDatabase(path);
    operator.exec('UPDATE holders SET expires_at = 0');
    operator.close();
    // Gives the event back, and stops before it takes it on itself.
    await (await second.inbox.consume(simpleWork())).stop(0);
    await again.promise;
    endLate(new Error('late'));
    done.resolve();
    await stuck.stop(1_000);
    expect(await second.inbox.stats()).toMatchObject({ running: 0, waiting: 0, failed: 0 });
    expect([tries, gaveUp]).toEqual([2, []]);
    await first.close();
    await second.close();
  });
});
