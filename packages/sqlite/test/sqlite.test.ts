import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createReceiver, type HookshakeError } from '@hookshake/core';
import { handshake } from '@hookshake/testing';
import { describe, expect, it, vi } from 'vitest';
import { loadDriver } from '../src/driver.js';
import { sqlite } from '../src/index.js';
import { closeDatabase } from '../src/open-database.js';
import { temporaryFolder } from './support/temporary-folder.js';

// SQLite itself cannot be brought to fail when it closes.
vi.mock('../src/open-database.js', { spy: true });

const failure = (code: string, message: RegExp) =>
  expect.objectContaining({ name: 'HookshakeError', code, message: expect.stringMatching(message) });

function execIn(path: string, sql: string): void {
  const database = new (loadDriver().DatabaseSync)(path);
  database.exec(sql);
  database.close();
}

function thrownBy(open: () => unknown): unknown {
  try {
    open();
  } catch (error) {
    return error;
  }
  return 'nothing was thrown';
}

describe('sqlite', () => {
  it('makes its files for their owner only', async () => {
    const { path } = temporaryFolder();
    const { secrets, close } = sqlite(path);
    await secrets.accept('bugs', 'secret', 'always');
    const modes = ['', '-wal', '-shm'].map((suffix) => statSync(path + suffix).mode & 0o777);
    expect(modes).toEqual([0o600, 0o600, 0o600]);
    await close();
  });

  it('stays open for as long as its secrets or its inbox are held, whatever is done with close', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage: () => void = runInNewContext('gc');
    const parts = () => {
      const { secrets, inbox } = sqlite(temporaryFolder().path);
      return { secrets, inbox };
    };
    const { secrets, inbox } = parts();
    for (let round = 0; round < 5; round++) {
      collectGarbage();
      await new Promise(setImmediate);
    }
    expect(await secrets.find('bugs')).toEqual([]);
    expect((await inbox.stats()).waiting).toBe(0);
  });

  it('leaves the mode of a file that is there', async () => {
    const { path } = temporaryFolder();
    await sqlite(path).close();
    chmodSync(path, 0o640);
    await sqlite(path).close();
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it('closes with the receiver, after which its store fails instead of answering', async () => {
    const { path } = temporaryFolder();
    const store = sqlite(path);
    const receiver = createReceiver({ secrets: store.secrets, close: store.close, logger: false });
    await receiver.close();
    expect(() => store.secrets.find('bugs')).toThrow();
    const other = createReceiver({ secrets: store.secrets, logger: false });
    expect(await other.receive(handshake({ secret: 'secret', hookId: 'bugs' }))).toMatchObject({
      status: 503,
    });
  });

  it('closes twice', async () => {
    const { close } = sqlite(temporaryFolder().path);
    await close();
    await close();
  });

  it('closes the one of its two connections though the other does not close', async () => {
    const store = sqlite(temporaryFolder().path);
    vi.mocked(closeDatabase).mockImplementationOnce((database) => {
      database.close();
      throw new Error('it does not close');
    });
    await expect(store.close()).rejects.toThrow('it does not close');
    expect(() => store.secrets.find('bugs')).toThrow();
  });

  it.each([
    ['', 'no path'],
    [':memory:', 'a database in memory'],
    ['file:hooks.db', 'a URI'],
    [undefined as unknown as string, 'nothing'],
  ])('refuses %j: %s', (path) => {
    expect(thrownBy(() => sqlite(path))).toEqual(failure('invalid_option', /needs the path of a file/));
  });

  it('refuses an option that it does not know', () => {
    const options = { busyTimeout: 1 } as object;
    expect(thrownBy(() => sqlite(temporaryFolder().path, options))).toEqual(
      failure('invalid_option', /`busyTimeout` is no option/),
    );
  });
});

describe('maxWaiting', () => {
  it.each([0, 1.5, 10_000_001, Number.NaN])('is not %d', (maxWaiting) => {
    expect(thrownBy(() => sqlite(temporaryFolder().path, { maxWaiting }))).toEqual(
      failure('invalid_option', /`maxWaiting` must be a whole number/),
    );
  });
});

describe('a path that cannot be used', () => {
  it('in a folder that does not exist', () => {
    const path = join(temporaryFolder().folder, 'nowhere', 'hooks.db');
    expect(thrownBy(() => sqlite(path))).toEqual(failure('store_unusable', /its folder does not exist/));
  });

  it('of a folder', () => {
    const { path } = temporaryFolder();
    mkdirSync(path);
    expect(thrownBy(() => sqlite(path))).toEqual(failure('store_unusable', /it is a folder/));
  });

  it('of a database whose contents are damaged', async () => {
    const { path } = temporaryFolder();
    await sqlite(path).close();
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0xff, 100));
    expect(thrownBy(() => sqlite(path))).toEqual(failure('store_unusable', /damaged.*Restore/));
  });

  it('of a file that is no database', () => {
    const { path } = temporaryFolder();
    writeFileSync(path, 'Dear diary, '.repeat(1_000));
    expect(thrownBy(() => sqlite(path))).toEqual(failure('store_unusable', /it is no SQLite database/));
  });

  it("of another program's database, which is left as it was", () => {
    const { path } = temporaryFolder();
    execIn(path, 'CREATE TABLE invoices (id INTEGER)');
    expect(thrownBy(() => sqlite(path))).toEqual(failure('store_unusable', /database of another program/));
    expect(() => execIn(path, 'CREATE TABLE secrets (id INTEGER)')).not.toThrow();
  });

  it('of a file that a newer version wrote', async () => {
    const { path } = temporaryFolder();
    await sqlite(path).close();
    execIn(path, 'PRAGMA user_version = 1000');
    const error = thrownBy(() => sqlite(path));
    expect(error).toEqual(failure('store_unusable', /schema 1000.*Install that version/));
    expect((error as HookshakeError).message).toContain(path);
  });
});
