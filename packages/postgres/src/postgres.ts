import { createNotice, HookshakeError, type Inbox, type Logger, type SecretStore } from '@hookshake/core';
import pg from 'pg';
import { createDatabase, type PostgresPool } from './database.js';
import { createInbox } from './inbox.js';
import { migrate } from './migrate.js';
import { createSecrets } from './secrets.js';
import { createServerCheck } from './server-check.js';

/** Options of {@link postgres}. */
export interface PostgresOptions {
  /**
   * The schema that holds all tables, those of pg-boss included: 1 to 50 of a–z, 0–9 and `_`. `migrate` creates it.
   * @defaultValue `'hookshake'`
   */
  readonly schema?: string | undefined;
  /**
   * How many deliveries may wait in the inbox until they are split into events, 1 to 10000000, in all processes together;
   * more are refused with 503, so that a worker that is down does not fill the disk. Asana repeats them for a day.
   * @defaultValue 100000
   */
  readonly maxWaiting?: number | undefined;
  /**
   * Where a warning about the server's settings goes: anything of pino's shape, or `false` for silence.
   * @defaultValue the console
   */
  readonly logger?: Logger | false | undefined;
}

/** What {@link postgres} gives, to be spread into the options of `createReceiver`. */
export interface Postgres {
  /** The secrets and handshake windows. */
  readonly secrets: SecretStore;
  /** Deliveries that were accepted, and their events until they are handled. */
  readonly inbox: Inbox;
  /** Creates or updates the tables. Call it once per deployment; calling it again, or from several processes, is fine. */
  migrate(): Promise<void>;
  /**
   * Stops workers, lets appends finish, and closes the connections, unless the pool is yours. The receiver's `close` does
   * so when it was given this.
   */
  close(): Promise<void>;
}

const CONNECTIONS = 10;
const CONNECT_WITHIN_MS = 4_000;
/** For workers, which split deliveries of thousands of events: below the lease of what they handle. */
const WORK_WITHIN_MS = 10_000;
/** For what no request waits for: lists, and a forget that waits for workers. */
const PATIENT_WITHIN_MS = 60_000;
/** A migration may have to wait for locks, or to build an index. */
const MIGRATE_WITHIN_MS = 600_000;

/**
 * Keeps what a receiver has to keep in PostgreSQL 13 or newer, which any number of processes and machines may share.
 * Nothing connects until it is used, and nothing works before {@link Postgres.migrate} was called once.
 *
 * @param urlOrPool - A connection string, or a `Pool` of `pg`. A pool stays yours: give it a `connectionTimeoutMillis`,
 * listen for its `error` event, and close it after the receiver.
 * @throws {@link HookshakeError} `invalid_option`.
 * @example
 * ```ts
 * const store = postgres('postgres://localhost/app');
 * await store.migrate();
 * const receiver = createReceiver({ ...store });
 * ```
 * @see docs/postgres.md
 */
export function postgres(urlOrPool: string | PostgresPool, options: PostgresOptions = {}): Postgres {
  const { schema = 'hookshake', maxWaiting = 100_000, logger, ...unknown } = options;
  for (const name of Object.keys(unknown)) throw invalid(`\`${name}\` is no option of postgres()`);
  if (!/^[a-z_][a-z0-9_]{0,49}$/.test(schema)) {
    throw invalid('`schema` must be 1 to 50 of a–z, 0–9 and _, and begin with no digit');
  }
  if (!Number.isInteger(maxWaiting) || maxWaiting < 1 || maxWaiting > 10_000_000) {
    throw invalid(`\`maxWaiting\` must be a whole number from 1 to 10000000, not ${maxWaiting}`);
  }

  const { pool, end } = openPool(urlOrPool);
  const database = createDatabase(pool);
  const check = createServerCheck(database, schema, createNotice(logger));
  const inbox = createInbox(database, schema, check, {
    maxWaiting,
    working: createDatabase(pool, WORK_WITHIN_MS),
    patient: createDatabase(pool, PATIENT_WITHIN_MS),
  });
  let closing: Promise<void> | undefined;

  const store: Postgres = {
    secrets: createSecrets(database, schema, check),
    inbox,
    migrate: () => migrate(createDatabase(pool, MIGRATE_WITHIN_MS), schema),
    close() {
      closing ??= inbox.close().then(end);
      return closing;
    },
  };
  // It is no option of a receiver, so a spread has to leave it behind.
  return Object.defineProperty(store, 'migrate', { enumerable: false });
}

function openPool(urlOrPool: string | PostgresPool): { pool: PostgresPool; end: () => Promise<void> } {
  if (urlOrPool === '' || (typeof urlOrPool !== 'string' && typeof urlOrPool?.connect !== 'function')) {
    throw invalid('postgres() needs a connection string or a Pool of pg');
  }
  if (typeof urlOrPool !== 'string') return { pool: urlOrPool, end: async () => {} };
  const pool = new pg.Pool({
    connectionString: urlOrPool,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    application_name: 'hookshake',
  });
  // A connection that breaks while nobody uses it is replaced by the next use.
  pool.on('error', () => {});
  return { pool, end: () => pool.end() };
}

function invalid(message: string): HookshakeError {
  return new HookshakeError('invalid_option', message);
}
