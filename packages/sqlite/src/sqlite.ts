import { HookshakeError, type Inbox, type SecretStore } from '@hookshake/core';
import { createInbox } from './inbox.js';
import { closeDatabase, openDatabase } from './open-database.js';
import { createPresence } from './presence.js';
import { createSecrets } from './secrets.js';

/** Options of {@link sqlite}. */
export interface SqliteOptions {
  /**
   * How many deliveries and events may wait in the inbox, 1 to 10000000; more are refused with 503, so that a worker that
   * is down does not fill the disk. Asana repeats them for a day.
   * @defaultValue 100000
   */
  readonly maxWaiting?: number | undefined;
  /** The clock, in milliseconds since 1970, for tests that move it. @defaultValue `Date.now` */
  readonly now?: (() => number) | undefined;
}

/** What {@link sqlite} gives, to be spread into the options of `createReceiver`. */
export interface Sqlite {
  /** The secrets and handshake windows in the file. */
  readonly secrets: SecretStore;
  /**
   * Deliveries that were accepted, and their events until they are handled. Events of one resource keep their order; one
   * that has been failing for 15 minutes is given up, whatever `attempts` says.
   */
  readonly inbox: Inbox;
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
  const { now = Date.now, maxWaiting = 100_000, ...unknown } = options;
  for (const name of Object.keys(unknown)) {
    throw new HookshakeError('invalid_option', `\`${name}\` is no option of sqlite()`);
  }
  if (!Number.isInteger(maxWaiting) || maxWaiting < 1 || maxWaiting > 10_000_000) {
    throw new HookshakeError(
      'invalid_option',
      `\`maxWaiting\` must be a whole number from 1 to 10000000, not ${maxWaiting}`,
    );
  }
  const database = openDatabase(path);
  // A connection of its own: what is forgotten of the secrets is overwritten, which the inbox need not pay for.
  const inboxDatabase = openDatabase(path);
  const assertPresent = createPresence(path);
  const inbox = createInbox(inboxDatabase, { now, maxWaiting, assertPresent });
  let closed: Promise<void> | undefined;

  async function closeAll(): Promise<void> {
    try {
      await inbox.end();
      closeDatabase(inboxDatabase);
    } finally {
      closeDatabase(database);
    }
  }

  return {
    secrets: createSecrets(database, { now, assertPresent }),
    inbox,

    close() {
      closed ??= closeAll();
      return closed;
    },
  };
}
