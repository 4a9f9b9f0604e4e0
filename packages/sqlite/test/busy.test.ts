import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BUSY_MS } from '../src/busy.js';
import { type Database, loadDriver } from '../src/driver.js';
import { type Sqlite, sqlite } from '../src/index.js';
import { temporaryFolder } from './support/temporary-folder.js';

const delivery = { id: 'a', hookId: 'bugs', receivedAtMs: 0, body: new Uint8Array(), traceparent: undefined };
const operations: readonly [string, (store: Sqlite) => unknown][] = [
  ['a delivery', ({ inbox }) => inbox.append(delivery)],
  ['a handshake', ({ secrets }) => secrets.accept('bugs', 'secret', 'always')],
  ['a window', ({ secrets }) => secrets.open('bugs', { withinMs: 1_000, confirm: false })],
  ['the end of a window', ({ secrets }) => secrets.settle('bugs', 'none', null)],
  ['what is to be forgotten', ({ secrets }) => secrets.forget('bugs')],
];

describe('while another process has the file locked', () => {
  let store: Sqlite;
  let other: Database;

  beforeEach(() => {
    const { path } = temporaryFolder();
    store = sqlite(path);
    other = new (loadDriver().DatabaseSync)(path);
    other.exec('BEGIN IMMEDIATE');
  });

  afterEach(async () => {
    vi.useRealTimers();
    other.close();
    await store.close();
  });

  // SQLite's own waiting is done in the thread that answers: for five seconds of it, no request of the app was.
  it.each(operations)('%s waits for it, and nothing else does', async (_what, ask) => {
    let ended = false;
    const asked = Promise.resolve(ask(store)).finally(() => {
      ended = true;
    });
    const since = performance.now();
    await setTimeout(1);
    expect(performance.now() - since).toBeLessThan(1_000);
    expect(ended).toBe(false);
    other.exec('COMMIT');
    await asked;
  });

  it.each(operations)('%s fails after five seconds', async (_what, ask) => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const asked = Promise.resolve(ask(store));
    await setTimeout(1);
    vi.advanceTimersByTime(BUSY_MS);
    await expect(asked).rejects.toThrow(/locked/);
    other.exec('COMMIT');
    await ask(store);
  });

  it('deliveries are refused at once when 64 MiB of them wait, and taken again when they are written', async () => {
    const large = { ...delivery, body: Buffer.alloc(4 * 1024 * 1024) };
    const waiting = Array.from({ length: 16 }, () => store.inbox.append(large));
    await expect(store.inbox.append({ ...delivery, body: Buffer.alloc(1) })).rejects.toMatchObject({
      code: 'inbox_full',
    });
    other.exec('COMMIT');
    await Promise.all(waiting);
    await store.inbox.append(large);
    expect((await store.inbox.stats()).waiting).toBe(17);
  });

  it('what could not be written takes no room', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const large = { ...delivery, body: Buffer.alloc(60 * 1024 * 1024) };
    const failed = store.inbox.append(large);
    await setTimeout(1);
    vi.advanceTimersByTime(BUSY_MS);
    await expect(failed).rejects.toThrow(/locked/);
    other.exec('COMMIT');
    await store.inbox.append(large);
  });

  it('closing loses nothing that may still be written', async () => {
    const appended = store.inbox.append(delivery);
    const closed = store.close();
    await setTimeout(1);
    other.exec('COMMIT');
    await Promise.all([appended, closed]);
    const rows = other.prepare('SELECT count(*) AS rows FROM deliveries').get();
    expect(rows).toEqual({ rows: 1 });
  });
});
