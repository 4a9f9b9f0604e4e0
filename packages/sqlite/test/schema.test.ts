import { describe, expect, it, onTestFinished } from 'vitest';
import { type Database, loadDriver } from '../src/driver.js';
import { sqlite } from '../src/index.js';
import { migrate, steps } from '../src/schema.js';
import { temporaryFolder } from './support/temporary-folder.js';

const first = 'CREATE TABLE notes (text TEXT)';
const second = "ALTER TABLE notes ADD COLUMN author TEXT DEFAULT 'nobody'";

function open(path = temporaryFolder().path): Database {
  const database = new (loadDriver().DatabaseSync)(path);
  onTestFinished(() => database.close());
  return database;
}

describe('migrate', () => {
  it('brings an older file up to date and keeps what is in it', () => {
    const database = open();
    migrate(database, [first]);
    database.exec("INSERT INTO notes VALUES ('kept')");
    migrate(database, [first, second]);
    expect(database.prepare('SELECT * FROM notes').all()).toEqual([{ text: 'kept', author: 'nobody' }]);
    migrate(database, [first, second]);
  });

  it('leaves the file as it was when a step fails', () => {
    const database = open();
    migrate(database, [first]);
    expect(() => migrate(database, [first, second, 'CREATE NONSENSE'])).toThrow(/NONSENSE/);
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
    expect(database.prepare('SELECT count(*) AS columns FROM pragma_table_info(?)').get('notes')).toEqual({
      columns: 1,
    });
  });

  it('gives an inbox to a file that has only secrets', async () => {
    const { path } = temporaryFolder();
    const database = open(path);
    migrate(database, steps.slice(0, 1));
    database.exec("INSERT INTO secrets (hook, secret) VALUES ('bugs', 'kept')");
    const { secrets, inbox, close } = sqlite(path);
    expect(await secrets.find('bugs')).toEqual([{ secret: 'kept' }]);
    expect((await inbox.stats()).waiting).toBe(0);
    await close();
  });

  it('refuses a file that knows more steps', () => {
    const database = open();
    migrate(database, [first, second]);
    expect(() => migrate(database, [first])).toThrow(expect.objectContaining({ code: 'store_unusable' }));
  });
});
