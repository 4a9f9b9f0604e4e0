import { encrypted, PENDING_MS, type SecretStore } from '@hookshake/core';
import { type PostgresServer, startPostgres, withoutPostgres } from '@hookshake/servers/postgres';
import { type SecretStoreSetup, secretStoreBattery } from '@hookshake/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Postgres, postgres } from '../src/index.js';

const key = new Uint8Array(32).fill(1);

describe.skipIf(withoutPostgres)('postgres().secrets', () => {
  let server: PostgresServer;
  let handles: readonly Postgres[];
  beforeAll(async () => {
    server = await startPostgres();
    handles = [postgres(server.url), postgres(server.url)];
    await handles[0]?.migrate();
  });
  afterAll(async () => {
    for (const handle of handles) await handle.close();
    await server.remove();
  });

  /** Two handles on one schema, as two processes have. */
  async function createOn(
    on: PostgresServer,
    [first, second]: readonly Postgres[],
    wrap = (store: SecretStore) => store,
  ): Promise<SecretStoreSetup> {
    if (first === undefined || second === undefined) throw new TypeError('no handles');
    await on.query('DELETE FROM hookshake.secret');
    await on.query('DELETE FROM hookshake.handshake_window');
    return {
      store: wrap(first.secrets),
      second: wrap(second.secrets),
      async advance(ms) {
        for (const table of ['secret', 'handshake_window']) {
          await on.query(
            `UPDATE hookshake.${table} SET expires_at = expires_at - $1::float8 * interval '1 ms'`,
            [ms],
          );
        }
      },
    };
  }

  describe('where transactions are serializable unless told otherwise', () => {
    let strict: PostgresServer;
    let handles: readonly Postgres[];
    beforeAll(async () => {
      strict = await startPostgres({ default_transaction_isolation: 'serializable' });
      handles = [postgres(strict.url), postgres(strict.url)];
      await handles[0]?.migrate();
    });
    afterAll(async () => {
      for (const handle of handles) await handle.close();
      await strict.remove();
    });

    const racing = secretStoreBattery.filter(({ title }) => title.includes('racing'));
    it.each(racing)('$title', ({ run }) =>
      run({ create: () => createOn(strict, handles), clock: 'running' }),
    );
  });

  describe.each([
    ['as they are', (store: SecretStore) => store],
    ['encrypted', (store: SecretStore) => encrypted(store, { key })],
  ])('%s', (_name, wrap) => {
    const create = () => createOn(server, handles, wrap);

    it('opens no window of which nobody is told, though what is old cannot be dropped', async () => {
      const { store } = await create();
      const open = async () => await store.open('bugs', { withinMs: 60_000, confirm: true });
      await server.query(
        `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;
         CREATE TRIGGER no_delete BEFORE DELETE ON hookshake.handshake_window EXECUTE FUNCTION refuse()`,
      );
      const allow = () => server.query('DROP FUNCTION IF EXISTS refuse CASCADE');
      onTestFinished(async () => void (await allow()));
      await expect(open()).rejects.toThrow('refused');
      await allow();
      expect(await open()).toBeTypeOf('string');
    });

    it('keeps nothing of windows and pending secrets that expired on hooks of which nobody hears again', async () => {
      const { store, advance } = await create();
      await store.open('never-created', { withinMs: 60_000, confirm: true });
      await store.open('never-confirmed', { withinMs: 60_000, confirm: true });
      await store.accept('never-confirmed', 'secret', 'window');
      await store.accept('kept', 'secret', 'always');
      await advance(PENDING_MS);
      await store.open('bugs', { withinMs: 60_000, confirm: true });
      const hooksIn = async (table: string) => await server.query(`SELECT hook_id FROM hookshake.${table}`);
      expect(await hooksIn('handshake_window')).toEqual([{ hook_id: 'bugs' }]);
      expect(await hooksIn('secret')).toEqual([{ hook_id: 'kept' }]);
    });

    it('refuses and knows a handshake without waiting for who writes', async () => {
      const { store } = await create();
      await store.accept('bugs', 'secret', 'always');
      const writer = new pg.Client(server.url);
      await writer.connect();
      onTestFinished(() => writer.end());
      await writer.query('BEGIN; LOCK TABLE hookshake.secret, hookshake.handshake_window IN EXCLUSIVE MODE');
      expect(await store.accept('bugs', 'secret', 'window')).toBe('known');
      expect(await store.accept('bugs', 'another', 'window')).toBe('refused');
      expect(await store.accept('bugs', 'another', 'absent')).toBe('refused');
    });

    it("goes by the server's clock, whatever time this process takes it for", async () => {
      const { store, advance } = await create();
      onTestFinished(() => void vi.useRealTimers());
      for (const hours of [-1, 1]) {
        vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3_600_000 });
        const hookId = `bugs-${hours}`;
        await store.open(hookId, { withinMs: 60_000, confirm: true });
        await advance(40_000);
        expect(await store.accept(hookId, 'secret', 'window')).toBe('stored');
        await advance(PENDING_MS - 20_000);
        expect(await store.find(hookId)).toEqual([{ secret: 'secret', pending: true }]);
        await advance(20_000);
        expect(await store.find(hookId)).toEqual([]);
        await store.open(hookId, { withinMs: 60_000, confirm: true });
        await advance(60_000);
        expect(await store.accept(hookId, 'secret', 'window')).toBe('refused');
        vi.useRealTimers();
      }
    });

    it.each(secretStoreBattery)('$title', ({ run }) => run({ create, clock: 'running' }));
  });
});
