import { encrypted, type SecretStore } from '@hookshake/core';
import { type PostgresServer, startPostgres, withoutPostgres } from '@hookshake/servers/postgres';
import { type SecretStoreSetup, secretStoreBattery } from '@hookshake/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
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

  describe.each([
    ['as they are', (store: SecretStore) => store],
    ['encrypted', (store: SecretStore) => encrypted(store, { key })],
  ])('%s', (_name, wrap) => {
    /** Two handles on one schema, as two processes have. */
    async function create(): Promise<SecretStoreSetup> {
      const [first, second] = handles;
      if (first === undefined || second === undefined) throw new TypeError('no handles');
      await server.query('DELETE FROM hookshake.secret');
      await server.query('DELETE FROM hookshake.handshake_window');
      return {
        store: wrap(first.secrets),
        second: wrap(second.secrets),
        async advance(ms) {
          for (const table of ['secret', 'handshake_window']) {
            await server.query(
              `UPDATE hookshake.${table} SET expires_at = expires_at - $1::float8 * interval '1 ms'`,
              [ms],
            );
          }
        },
      };
    }

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

    it.each(secretStoreBattery)('$title', ({ run }) => run({ create, clock: 'running' }));
  });
});
