import { createRequire } from 'node:module';

/** What SQLite takes and gives as a value. */
export type Value = null | number | bigint | string | Uint8Array;

/** One row, by the names of its columns. */
export type Row = Readonly<Record<string, Value>>;

/** A prepared statement. */
export interface Statement {
  run(...values: Value[]): unknown;
  get(...values: Value[]): unknown;
  all(...values: Value[]): unknown[];
}

/** The part of `DatabaseSync` of `node:sqlite` that is used. */
export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

const databases = new WeakMap<Statement, Database>();

/**
 * Prepares a statement that keeps its database open. One of `@photostructure/sqlite` by itself does not: a database that
 * nothing else refers to is garbage-collected, and closed by that.
 */
export function prepare(database: Database, sql: string): Statement {
  const statement = database.prepare(sql);
  databases.set(statement, database);
  return statement;
}

/** What `node:sqlite` and `@photostructure/sqlite` have in common. */
export interface Driver {
  readonly DatabaseSync: new (path: string) => Database;
}

/**
 * `node:sqlite` where Node has it (22.13 and later), else its likeness for Node 20.
 *
 * Looked up when it is needed: the import of a module that Node lacks would fail the whole package.
 */
export function loadDriver(): Driver {
  const builtin: object | undefined = process.getBuiltinModule('node:sqlite');
  return (builtin ?? createRequire(import.meta.url)('@photostructure/sqlite')) as Driver;
}
