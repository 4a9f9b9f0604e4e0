import { HookshakeError } from '@hookshake/core';
import type { Database, Row } from './driver.js';
import { createTransaction } from './transaction.js';

/** Marks a file as ours: 'hook' in ASCII. */
const APPLICATION_ID = 0x686f_6f6b;

/** Step n brings a file of version n to version n + 1. What has been released is never changed, only added to. */
export const steps: readonly string[] = [
  `CREATE TABLE secrets (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     hook TEXT NOT NULL,
     secret TEXT NOT NULL,
     webhook TEXT,
     -- Set while the secret is pending: the window that it came through, and when it is forgotten.
     window TEXT,
     expires_at INTEGER
   ) STRICT;
   CREATE INDEX secrets_of_hook ON secrets (hook, seq);
   CREATE INDEX secrets_pending ON secrets (expires_at) WHERE expires_at IS NOT NULL;
   CREATE TABLE windows (
     hook TEXT PRIMARY KEY,
     id TEXT NOT NULL,
     expires_at INTEGER NOT NULL,
     confirm INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;`,

  `-- Nothing here is kept beside the table, a last number or a count: that would be one more page to write each time.
   CREATE TABLE deliveries (
     seq INTEGER PRIMARY KEY,
     id TEXT NOT NULL,
     hook TEXT NOT NULL,
     received_at ANY NOT NULL,
     traceparent TEXT,
     since INTEGER NOT NULL,
     body BLOB NOT NULL
   ) STRICT;
   CREATE TABLE parked (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     id TEXT NOT NULL,
     hook TEXT NOT NULL,
     received_at ANY NOT NULL,
     traceparent TEXT,
     body BLOB NOT NULL
   ) STRICT;
   CREATE TABLE events (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     delivery TEXT NOT NULL,
     hook TEXT NOT NULL,
     received_at ANY NOT NULL,
     traceparent TEXT,
     key TEXT NOT NULL,
     lane TEXT NOT NULL,
     name TEXT NOT NULL,
     json TEXT NOT NULL,
     -- Whether it is the first of its lane, and so may be tried.
     head INTEGER NOT NULL,
     due_at INTEGER NOT NULL,
     failures INTEGER NOT NULL DEFAULT 0,
     failing_since INTEGER,
     crashes INTEGER NOT NULL DEFAULT 0,
     -- Who tries it now.
     holder TEXT
   ) STRICT;
   CREATE INDEX events_of_lane ON events (hook, lane, seq);
   CREATE INDEX events_due ON events (due_at, seq) WHERE head = 1 AND holder IS NULL;
   CREATE INDEX events_held ON events (holder) WHERE holder IS NOT NULL;
   CREATE TABLE failed (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     delivery TEXT NOT NULL,
     hook TEXT NOT NULL,
     received_at ANY NOT NULL,
     traceparent TEXT,
     key TEXT NOT NULL,
     lane TEXT NOT NULL,
     name TEXT NOT NULL,
     json TEXT NOT NULL,
     attempts INTEGER NOT NULL,
     failed_at INTEGER NOT NULL,
     reason TEXT NOT NULL
   ) STRICT;
   CREATE TABLE seen (
     hook TEXT NOT NULL,
     key TEXT NOT NULL,
     at INTEGER NOT NULL,
     PRIMARY KEY (hook, key)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX seen_at ON seen (at);
   CREATE TABLE holders (
     id TEXT PRIMARY KEY,
     expires_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   -- To count rows takes time in proportion to them.
   CREATE TABLE figures (events INTEGER NOT NULL) STRICT;
   INSERT INTO figures VALUES (0);
   CREATE TRIGGER events_added AFTER INSERT ON events BEGIN UPDATE figures SET events = events + 1; END;
   CREATE TRIGGER events_gone AFTER DELETE ON events BEGIN UPDATE figures SET events = events - 1; END;`,
];

/**
 * Brings the file to the schema of this version, in one transaction: several processes may start at once, and one that
 * dies leaves the schema as it was.
 *
 * @throws {@link HookshakeError} `store_unusable` for a file of a newer version or of another program.
 */
export function migrate(database: Database, to: readonly string[] = steps): void {
  const number = (pragma: string) => Object.values(database.prepare(`PRAGMA ${pragma}`).get() as Row)[0];

  function version(): number {
    const found = Number(number('user_version'));
    if (number('application_id') !== APPLICATION_ID) {
      const { tables } = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() as Row;
      if (tables === 0) return 0;
      throw unusable('it is the database of another program. Give hookshake a file of its own');
    }
    if (found <= to.length) return found;
    throw unusable(
      `a newer version of @hookshake/sqlite wrote it (schema ${found}, and this one knows ${to.length}). ` +
        'Install that version again',
    );
  }

  // One state of the file for all that is asked: another process may be making it.
  const current = createTransaction(
    database,
    'deferred',
  )(() => version() === to.length && number('application_id') === APPLICATION_ID);
  if (current) return;
  createTransaction(database)(() => {
    // Another process may have been faster.
    for (const step of to.slice(version())) database.exec(step);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${to.length}`);
  });
}

function unusable(problem: string): HookshakeError {
  return new HookshakeError('store_unusable', problem);
}
