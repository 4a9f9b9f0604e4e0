import { closeSync, openSync } from 'node:fs';
import { HookshakeError, isHookshakeError } from '@hookshake/core';
import { BLOCK_MS, BUSY_MS, isBusy } from './busy.js';
import { type Database, type Driver, loadDriver, type Row } from './driver.js';
import { migrate } from './schema.js';

const BUSY_PAUSE_MS = 5;

/**
 * Opens the file, created if need be, for several processes at once and so that a commit outlives a power cut.
 *
 * @throws {@link HookshakeError} `invalid_option`, `store_unusable`.
 */
export function openDatabase(path: string): Database {
  if (typeof path !== 'string' || path === '' || path.startsWith(':') || path.startsWith('file:')) {
    throw new HookshakeError(
      'invalid_option',
      "sqlite() needs the path of a file, such as 'hooks.db'. To keep nothing, use memorySecrets()",
    );
  }
  const driver = driverOrThrow();
  let database: Database | undefined;
  try {
    // SQLite would create it readable for all; its -wal and -shm take their modes from it.
    closeSync(openSync(path, 'a', 0o600));
    database = new driver.DatabaseSync(path);
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA synchronous = FULL;`);
    const opened = database;
    blockUntilFree(() => {
      useWriteAheadLog(opened);
      migrate(opened);
    });
    database.exec(`PRAGMA busy_timeout = ${BLOCK_MS}`);
    return database;
  } catch (cause) {
    database?.close();
    throw new HookshakeError('store_unusable', `sqlite() cannot use '${path}': ${explain(cause)}`, { cause });
  }
}

/**
 * Closes it and leaves all of it in the one file, if nobody else has that open. `node:sqlite` does so by itself;
 * `@photostructure/sqlite` leaves the log behind, and in it what has been deleted.
 */
export function closeDatabase(database: Database): void {
  try {
    // Whoever else has it open is not waited for.
    database.exec('PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // Another process is at it, and closes after this one. Nothing is lost: the log is as durable as the file.
  }
  database.close();
}

function driverOrThrow(): Driver {
  try {
    return loadDriver();
  } catch (cause) {
    throw new HookshakeError(
      'store_unusable',
      `Node ${process.versions.node} has no node:sqlite, and @photostructure/sqlite does not load. Run ` +
        'npm install @photostructure/sqlite, or use Node 22.13 or later',
      { cause },
    );
  }
}

/**
 * While another process makes the same file, or closes it as the last one, SQLite answers that it is busy without waiting
 * for `busy_timeout`.
 */
function blockUntilFree(prepare: () => void): void {
  const giveUpAt = performance.now() + BUSY_MS;
  for (;;) {
    try {
      prepare();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUpAt) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_PAUSE_MS);
    }
  }
}

function useWriteAheadLog(database: Database): void {
  const { journal_mode: mode } = database.prepare('PRAGMA journal_mode = WAL').get() as Row;
  if (mode === 'wal') return;
  throw new HookshakeError(
    'store_unusable',
    'its file system does not allow a write-ahead log. Use a local disk, not a network share',
  );
}

function explain(cause: unknown): string {
  if (isHookshakeError(cause)) return cause.message;
  const { code, message, errcode } = cause as { code?: string; message?: string; errcode?: number };
  if (code === 'ENOENT') return 'its folder does not exist. Create it first';
  if (code === 'EISDIR') return 'it is a folder. Name a file in it';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return `this process may not write there (${code}). Its folder has to be writable, too`;
  }
  if (errcode === 26) return 'it is no SQLite database. Name another file, or remove this one';
  if (errcode === 11) return 'its contents are damaged. Restore a copy of it, or name another file';
  return `${message}`;
}
