import { HookshakeError, type SecretStore } from '@hookshake/core';
import { closeDatabase, openDatabase } from './open-database.js';
import { createSecrets } from './secrets.js';

/** Options of {@link sqlite}. */
export interface SqliteOptions {
  /** The clock, in milliseconds since 1970, for tests that move it. @defaultValue `Date.now` */
  readonly now?: (() => number) | undefined;
}

/** What {@link sqlite} gives, to be spread into the options of `createReceiver`. */
export interface Sqlite {
  /** The secrets and handshake windows in the file. */
  readonly secrets: SecretStore;
  /** Closes the file. The receiver's `close` does so when it was given this. Closing again is no error. */
  close(): Promise<void>;
}

/**
 * Keeps what a receiver has to keep in one SQLite file, which several processes of one machine may share. Once a
 * handshake is answered, its secret survives a crash of the process, of the machine, and a power cut.
 *
 * The file is created, readable for its owner only, if it is not there; its folder has to exist, and be writable, on a
 * local disk.
 *
 * @throws {@link HookshakeError} `invalid_option`; `store_unusable` when the file cannot be opened, belongs to another
 * program, or was written by a newer version.
 * @example
 * ```ts
 * const receiver = createReceiver({ ...sqlite('hooks.db') });
 * ```
 * @see docs/choosing-a-store.md
 */
export function sqlite(path: string, options: SqliteOptions = {}): Sqlite {
  const { now = Date.now, ...unknown } = options;
  for (const name of Object.keys(unknown)) {
    throw new HookshakeError('invalid_option', `\`${name}\` is no option of sqlite()`);
  }
  const database = openDatabase(path);
  let closed = false;

  return {
    secrets: createSecrets(database, now),

    async close() {
      if (closed) return;
      closed = true;
      closeDatabase(database);
    },
  };
}
