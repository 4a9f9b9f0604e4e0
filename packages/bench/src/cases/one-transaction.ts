import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { CaseContext, RunningCase } from '../case.js';
import { listening } from '../listening.js';
import { receiveByHand } from './floor.js';

interface Driver {
  readonly DatabaseSync: new (
    path: string,
  ) => {
    exec(sql: string): void;
    prepare(sql: string): { run(...values: (Uint8Array | number)[]): unknown; get(): unknown };
  };
}

/** What one writes by hand to lose nothing: every delivery in a transaction of its own, fsynced before its answer. */
export async function startOneTransaction({ place }: CaseContext): Promise<RunningCase> {
  const builtin: object | undefined = process.getBuiltinModule('node:sqlite');
  const driver = (builtin ?? createRequire(import.meta.url)('@photostructure/sqlite')) as Driver;
  const database = new driver.DatabaseSync(join(place, 'by-hand.db'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE deliveries (seq INTEGER PRIMARY KEY, received_at INTEGER, body BLOB) STRICT');
  const insert = database.prepare('INSERT INTO deliveries (received_at, body) VALUES (?, ?)');
  const listener = receiveByHand((body, answer) => {
    insert.run(Date.now(), body);
    answer();
  });
  return {
    server: await listening(listener),
    // This also holds the database, which `@photostructure/sqlite` closes once only its statements are held.
    async kept() {
      const { rows } = database.prepare('SELECT count(*) AS rows FROM deliveries').get() as { rows: number };
      return rows;
    },
  };
}
