import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encrypted } from '@hookshake/core';
import { binaries, type PostgresServer, startPostgres, withoutPostgres } from '@hookshake/servers/postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Postgres, postgres } from '../src/index.js';

const key = new Uint8Array(32).fill(1);

describe.skipIf(withoutPostgres)('what PostgreSQL keeps of a secret', () => {
  let server: PostgresServer;
  let store: Postgres;
  beforeAll(async () => {
    server = await startPostgres();
    store = postgres(server.url);
    await store.migrate();
  });
  afterAll(async () => {
    await store.close();
    await server.remove();
  });

  /** Where the text is: in the dump, in the files of tables and of the write-ahead log, or in the server's log. */
  async function placesOf(text: string): Promise<readonly string[]> {
    await server.query('CHECKPOINT');
    const dump = execFileSync(join(binaries ?? '', 'pg_dump'), [server.url]);
    const files = readdirSync(server.data, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => join(file.parentPath, file.name));
    const contents = new Map([['dump', dump], ...files.map((file) => [file, readFileSync(file)] as const)]);
    return [...contents].filter(([, bytes]) => bytes.includes(text)).map(([name]) => name);
  }

  it('is found by this test where it is not encrypted: in the dump, a table and the log of writes', async () => {
    await store.secrets.accept('plain', 'marker-of-a-secret-as-it-is', 'always');
    const places = await placesOf('marker-of-a-secret-as-it-is');
    expect(places).toContain('dump');
    expect(places.some((place) => place.includes('/base/'))).toBe(true);
    expect(places.some((place) => place.includes('/pg_wal/'))).toBe(true);
  });

  it('is in no dump, no file and no log where it is encrypted, and known again all the same', async () => {
    const secret = 'marker-of-a-secret-encrypted';
    const secrets = encrypted(store.secrets, { key });
    const window = await secrets.open('safe', { withinMs: 60_000, confirm: true });
    expect(await secrets.accept('safe', secret, 'window')).toBe('stored');
    expect(await secrets.accept('safe', secret, 'window')).toBe('known');
    expect(await secrets.settle('safe', `${window}`, secret, { webhook: '7' })).toBe('confirmed');
    expect(await secrets.find('safe')).toEqual([{ secret, webhook: '7' }]);
    expect(await placesOf(secret)).toEqual([]);
    expect(await placesOf('safe')).toContain('dump');
  });
});
