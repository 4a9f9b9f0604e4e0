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
    prepare(sql: string): { run(...values: (Uint8Array | number)[]): unknown };
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
  let rows = 0;
  const listener = receiveByHand((body, answer) => {
    insert.run(Date.now(), body);
    rows++;
    answer();
  });
  return { server: await listening(listener), kept: async () => rows };
}
