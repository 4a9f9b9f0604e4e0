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
