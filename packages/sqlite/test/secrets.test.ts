import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReceiver, encrypted, MAX_SECRETS_PER_HOOK, type SecretStore } from '@hookshake/core';
import { delivery, event, handshake, type SecretStoreSetup, secretStoreBattery } from '@hookshake/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { sqlite } from '../src/index.js';
import { temporaryFolder } from './support/temporary-folder.js';

const key = new Uint8Array(32).fill(1);
const SECRET = 'marker-of-the-plain-secret';

describe.each([
  ['sqlite().secrets', (store: SecretStore) => store],
  ['encrypted(sqlite().secrets)', (store: SecretStore) => encrypted(store, { key })],
])('%s', (_name, wrap) => {
  const folder = mkdtempSync(join(tmpdir(), 'hookshake-sqlite-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Two handles on one file, as two processes have. */
  function create(): SecretStoreSetup {
    let now = Date.UTC(2026, 10, 1);
    const path = join(folder, randomUUID());
    const [first, second] = [sqlite(path, { now: () => now }), sqlite(path, { now: () => now })];
    return {
      store: wrap(first.secrets),
      second: wrap(second.secrets),
      advance(ms) {
        now += ms;
      },
      async close() {
        await first.close();
        await second.close();
      },
    };
  }

  for (const { title, run } of secretStoreBattery) it(title, () => run({ create }));
});

describe('the secrets in a file', () => {
  it('say that a power cut leaves them', async () => {
    const { secrets, close } = sqlite(temporaryFolder().path);
    expect(secrets.durability).toBe('power');
    await close();
  });

  it('verify what is delivered after a restart', async () => {
    const { path } = temporaryFolder();
    const { secrets, close } = sqlite(path);
    const before = createReceiver({ secrets, close, logger: false });
    await before.expectHandshake('bugs');
    expect(await before.receive(handshake({ secret: SECRET, hookId: 'bugs' }))).toMatchObject({
      status: 200,
    });
    await before.close();

    const handled: string[] = [];
    const again = sqlite(path);
    const after = createReceiver({ secrets: again.secrets, close: again.close, logger: false });
    after.on('task.changed', ({ resource }) => void handled.push(resource.gid));
    const one = event('task.changed', { resource: { gid: '42', resource_type: 'task' } });
    const answer = await after.receive(delivery([one], { secret: SECRET, hookId: 'bugs' }));
    expect([answer.status, handled]).toEqual([200, ['42']]);
    await after.close();
  });

  it('keep windows and pending secrets over a restart, too', async () => {
    const { path } = temporaryFolder();
    const before = sqlite(path);
    const window = await before.secrets.open('bugs', { withinMs: 60_000, confirm: true });
    await before.close();

    const between = sqlite(path);
    expect(await between.secrets.accept('bugs', SECRET, 'window')).toBe('stored');
    await between.close();

    const after = sqlite(path);
    expect(await after.secrets.find('bugs')).toEqual([{ secret: SECRET, pending: true }]);
    expect(await after.secrets.settle('bugs', `${window}`, SECRET, { webhook: '7' })).toBe('confirmed');
    expect(await after.secrets.find('bugs')).toEqual([{ secret: SECRET, webhook: '7' }]);
    await after.close();
  });

  it('are found and refused while another process holds the write lock', async () => {
    const { path } = temporaryFolder();
    const { secrets, close } = sqlite(path);
    await secrets.accept('bugs', SECRET, 'always');
    const { openDatabase } = await import('../src/open-database.js');
    const other = openDatabase(path);
    other.exec('BEGIN IMMEDIATE');
    expect(await secrets.find('bugs')).toEqual([{ secret: SECRET }]);
    expect(await secrets.accept('bugs', SECRET, 'always')).toBe('known');
    expect(await secrets.accept('bugs', "a-stranger's", 'window')).toBe('refused');
    other.exec('ROLLBACK');
    other.close();
    await close();
  });

  it('do not grow by windows and pending secrets that nobody ends', async () => {
    const { path } = temporaryFolder();
    let now = 0;
    const { secrets, close } = sqlite(path, { now: () => now });
    for (let round = 0; round < MAX_SECRETS_PER_HOOK; round++) {
      await secrets.open(`hook-${round}`, { withinMs: 1_000, confirm: true });
      await secrets.accept(`hook-${round}`, SECRET, 'window');
      await secrets.open(`other-${round}`, { withinMs: 1_000, confirm: true });
      now += 3_600_000;
    }
    await secrets.open('last', { withinMs: 1_000, confirm: false });
    await close();
    const { openDatabase } = await import('../src/open-database.js');
    const database = openDatabase(path);
    const rows = (table: string) => database.prepare(`SELECT hook FROM ${table}`).all();
    expect([rows('secrets'), rows('windows')]).toEqual([[], [{ hook: 'last' }]]);
    database.close();
  });
});

describe('the bytes of the files', () => {
  /** Whether any of the files that belong to the database holds the text. */
  function hold(folder: string, text: string): boolean {
    const files = readdirSync(folder);
    expect(files.length).toBeGreaterThan(0);
    return files.some((file) => readFileSync(join(folder, file)).includes(text));
  }

  it('hold the secret, unless it is encrypted', async () => {
    const { folder, path } = temporaryFolder();
    const { secrets, close } = sqlite(path);
    await secrets.accept('bugs', SECRET, 'always');
    expect(hold(folder, SECRET)).toBe(true);
    await close();
    expect(hold(folder, SECRET)).toBe(true);
  });

  it('never hold a plain secret that is encrypted, the write-ahead log included', async () => {
    const { folder, path } = temporaryFolder();
    const { secrets, close } = sqlite(path);
    const store = encrypted(secrets, { key });
    const window = await store.open('bugs', { withinMs: 60_000, confirm: true });
    expect(await store.accept('bugs', SECRET, 'window')).toBe('stored');
    expect(readdirSync(folder)).toContain('hooks.db-wal');
    expect(hold(folder, SECRET)).toBe(false);
    expect(await store.settle('bugs', `${window}`, SECRET)).toBe('confirmed');
    expect(await store.accept('bugs', SECRET, 'window')).toBe('known');
    expect(hold(folder, SECRET)).toBe(false);
    await close();
    expect(hold(folder, SECRET)).toBe(false);
    expect(hold(folder, 'bugs')).toBe(true);
  });

  it('hold no secret that was forgotten, once the file is closed', async () => {
    const { folder, path } = temporaryFolder();
    const { secrets, close } = sqlite(path);
    await secrets.accept('bugs', SECRET, 'always');
    await secrets.forget('bugs', { secret: SECRET });
    await close();
    expect(hold(folder, SECRET)).toBe(false);
  });
});
