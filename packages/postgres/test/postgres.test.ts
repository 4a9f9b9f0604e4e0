import { readFileSync } from 'node:fs';
import { createReceiver, type Inbox } from '@hookshake/core';
import { type PostgresServer, startPostgres, withoutPostgres } from '@hookshake/servers/postgres';
import { handshake, simpleDelivery, simpleWork } from '@hookshake/testing';
import pg from 'pg';
import PgBoss from 'pg-boss';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Postgres, type PostgresOptions, type PostgresPool, postgres } from '../src/index.js';
import { deferred } from './support/deferred.js';

const failure = (code: string, message: RegExp) =>
  expect.objectContaining({ name: 'HookshakeError', code, message: expect.stringMatching(message) });

describe('postgres', () => {
  it.each([undefined, '', 5, {}])('needs a connection string or a pool, not %j', (urlOrPool) => {
    expect(() => postgres(urlOrPool as string)).toThrow(
      failure('invalid_option', /connection string or a Pool/),
    );
  });

  it.each<[object, RegExp]>([
    [{ prefix: 'x' }, /`prefix` is no option/],
    [{ schema: '' }, /`schema`/],
    [{ schema: 'Hooks' }, /`schema`/],
    [{ schema: '1' }, /`schema`/],
    [{ schema: 'a; DROP TABLE users' }, /`schema`/],
    [{ schema: 'a'.repeat(51) }, /`schema`/],
    [{ maxWaiting: 0 }, /`maxWaiting`/],
    [{ maxWaiting: 1.5 }, /`maxWaiting`/],
    [{ maxWaiting: 10_000_001 }, /`maxWaiting`/],
  ])('refuses the options %j', (options, message) => {
    expect(() => postgres('postgres://localhost', options)).toThrow(failure('invalid_option', message));
  });
});

describe.skipIf(withoutPostgres)('a schema', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.remove());

  function open(options?: PostgresOptions, pool: string | PostgresPool = server.url): Postgres {
    const store = postgres(pool, options);
    onTestFinished(() => store.close());
    return store;
  }

  /** Resolves when a delivery has gone all the way. */
  async function handleOne(inbox: Inbox): Promise<void> {
    const handled = deferred();
    const worker = await inbox.consume(simpleWork(async () => handled.resolve()));
    await inbox.append(simpleDelivery('a'));
    await handled.promise;
    await worker.stop(1_000);
  }

  it('that was not migrated is named by everything that needs it, until it is', async () => {
    const { secrets, inbox, migrate } = open({ schema: 'bare' });
    const remedy = failure('not_migrated', /"bare" is at version 0.*migrate\(\)/);
    for (const use of [
      async () => await secrets.find('bugs'),
      () => inbox.append(simpleDelivery('a')),
      () => inbox.consume(simpleWork()),
      () => inbox.stats(),
    ]) {
      await expect(use()).rejects.toEqual(remedy);
    }
    await migrate();
    expect(await secrets.find('bugs')).toEqual([]);
    await handleOne(inbox);
    expect(await inbox.stats()).toMatchObject({ waiting: 0, running: 0, failed: 0 });
  });

  it('is migrated by several processes at once, and again, without losing what it holds', async () => {
    const options = { schema: 'raced' };
    const stores = [1, 2, 3, 4].map(() => open(options));
    await Promise.all(stores.map(({ migrate }) => migrate()));
    const { secrets, inbox } = open(options);
    await secrets.accept('bugs', 'secret', 'always');
    await inbox.append(simpleDelivery('a'));
    await Promise.all(stores.map(({ migrate }) => migrate()));
    expect(await secrets.find('bugs')).toEqual([{ secret: 'secret' }]);
    expect((await inbox.stats()).waiting).toBe(1);
  });

  it('is used by a receiver that takes all there is, which migrate() is no option of', async () => {
    const store = postgres(server.url, { schema: 'spread' });
    await store.migrate();
    const receiver = createReceiver({ ...store, logger: false });
    await receiver.expectHandshake('bugs');
    expect(await receiver.receive(handshake({ secret: 'secret', hookId: 'bugs' }))).toMatchObject({
      status: 200,
    });
    await receiver.close();
    await expect(async () => await store.secrets.find('bugs')).rejects.toThrow();
  });

  it('of a newer version is left alone', async () => {
    const { migrate } = open({ schema: 'newer' });
    await migrate();
    await server.query('INSERT INTO newer.migration (version) VALUES (1000)');
    const { secrets, migrate: migrateAgain } = open({ schema: 'newer' });
    const newer = failure('store_unusable', /version 1000.*Deploy the newer version/);
    await expect(async () => await secrets.find('bugs')).rejects.toEqual(newer);
    await expect(migrateAgain()).rejects.toEqual(newer);
  });

  it('with the jobs of another version of pg-boss has no worker until it is migrated', async () => {
    await open({ schema: 'older' }).migrate();
    const [now] = await server.query('SELECT version FROM older.version');
    await server.query(PgBoss.getRollbackPlans('older'));
    const { inbox, migrate } = open({ schema: 'older' });
    await expect(inbox.consume(simpleWork())).rejects.toEqual(failure('not_migrated', /pg-boss/));

    await Promise.all([migrate(), open({ schema: 'older' }).migrate()]);
    expect(await server.query('SELECT version FROM older.version')).toEqual([now]);
    await handleOne(inbox);
  });

  it('is migrated and served by roles that are granted no more than docs/postgres.md says', async () => {
    const page = readFileSync(new URL('../../../docs/postgres.md', import.meta.url), 'utf8');
    const grants = page.match(/^GRANT .*;$/gm)?.join('\n') ?? '';
    await server.query('CREATE ROLE migrator LOGIN; GRANT CREATE ON DATABASE postgres TO migrator');
    await server.query('CREATE ROLE app LOGIN');
    const openAs = (role: string) => open({ schema: 'granted' }, server.url.replace('postgres@', `${role}@`));
    const { migrate } = openAs('migrator');
    await migrate();
    await migrate();
    await server.query(grants.replaceAll('hookshake', 'granted'));

    const { secrets, inbox, migrate: migrateAgain } = openAs('app');
    await migrateAgain();
    const window = await secrets.open('bugs', { withinMs: 60_000, confirm: true });
    expect(await secrets.accept('bugs', 'secret', 'window')).toBe('stored');
    expect(await secrets.settle('bugs', `${window}`, 'secret')).toBe('confirmed');
    await secrets.forget('bugs');
    expect(await secrets.find('bugs')).toEqual([]);

    const [gaveUp, retried] = [deferred(), deferred()];
    let fails = true;
    const handle = async (_event: unknown, { attempt }: { readonly attempt: number }) => {
      if (fails) throw new Error(`try ${attempt}`);
      retried.resolve();
    };
    const work = simpleWork(handle, {
      split: (one) => (one.id === 'unreadable' ? undefined : simpleWork().split(one)),
      attempts: 2,
      gaveUp: gaveUp.resolve,
      troubled: (error) => expect.unreachable(String(error)),
    });
    const worker = await inbox.consume(work);
    await inbox.append(simpleDelivery('unreadable'));
    await inbox.append(simpleDelivery('a'));
    await gaveUp.promise;
    fails = false;
    for (const { id } of (await inbox.failed()).items) await inbox.retry(id);
    await retried.promise;
    for (const { id } of (await inbox.parked()).items) await inbox.retry(id);
    await worker.stop(1_000);
    for (const { id } of (await inbox.parked()).items) await inbox.discard(id);
    await inbox.forget('bugs');
    expect(await inbox.stats()).toMatchObject({ waiting: 0, running: 0, failed: 0, parked: 0 });
  });

  it('keeps apart from another one', async () => {
    const [first, second] = [open({ schema: 'first' }), open({ schema: 'second' })];
    await Promise.all([first.migrate(), second.migrate()]);
    await first.secrets.accept('bugs', 'secret', 'always');
    expect(await second.secrets.find('bugs')).toEqual([]);
  });

  it('is reached by connections that close ends, unless they are of a pool that was given', async () => {
    const count = async (name: string) =>
      (await server.query('SELECT 1 FROM pg_stat_activity WHERE application_name = $1', [name])).length;
    const own = postgres(server.url);
    await own.migrate();
    expect(await count('hookshake')).toBeGreaterThan(0);
    await own.close();
    await own.close();
    await expect.poll(() => count('hookshake')).toBe(0);

    const pool = new pg.Pool({ connectionString: server.url });
    onTestFinished(() => pool.end());
    const lent = postgres(pool);
    await lent.secrets.find('bugs');
    await lent.close();
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect(pool.totalCount).toBe(pool.idleCount);
  });

  describe('states what a 200 survives', () => {
    /** What a new handle states after its first use, and what it warned of. */
    async function state(settings: string): Promise<{ durability: string; warnings: readonly string[] }> {
      const warnings: string[] = [];
      const logger = {
        warn: (_details: object, message: string) => void warnings.push(message),
        error: () => {},
      };
      const pool = new pg.Pool({ connectionString: server.url, options: settings });
      onTestFinished(() => pool.end());
      const { inbox, secrets } = open({ logger }, pool);
      await inbox.stats();
      await inbox.stats();
      expect(secrets.durability).toBe(inbox.durability);
      return { durability: inbox.durability, warnings };
    }

    beforeAll(async () => {
      const { migrate, close } = postgres(server.url);
      await migrate();
      await close();
    });

    it('a power cut, as the server is set', async () => {
      expect(await state('')).toEqual({ durability: 'power', warnings: [] });
    });

    it('the end of this process, without synchronous_commit', async () => {
      const { durability, warnings } = await state('-c synchronous_commit=off');
      expect(durability).toBe('process');
      expect(warnings).toEqual([expect.stringMatching(/synchronous_commit = off.*Set it to on/)]);
    });

    it.each(['fsync', 'full_page_writes'])('the end of the server, without %s', async (name) => {
      const set = async (value: string) => {
        await server.query(`ALTER SYSTEM SET ${name} = ${value}`);
        await server.query('SELECT pg_reload_conf()');
        await expect.poll(async () => (await server.query(`SHOW ${name}`))[0]).toEqual({ [name]: value });
      };
      await set('off');
      const { durability, warnings } = await state('');
      await set('on');
      expect(durability).toBe('server');
      expect(warnings).toEqual([expect.stringMatching(new RegExp(`${name} = off.*a power cut`))]);
    });
  });
});
