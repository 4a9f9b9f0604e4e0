import { readFile } from 'node:fs/promises';
import { HookshakeError } from '@hookshake/core';
import { type Database, lock } from './database.js';
import { createQueue, migrateJobs } from './jobs.js';

/** In order; the version of a schema is the number of those it has. */
const MIGRATIONS = ['0001-secrets-and-inbox.sql'] as const;

/** Of a missing schema, too. */
const UNDEFINED_TABLE = '42P01';

/** Brings the schema to this version. Any number of processes may do so at once; done already, it changes nothing. */
export async function migrate(database: Database, schema: string): Promise<void> {
  const version = await readVersion(database, schema);
  // First, so that a version which is recorded means that the jobs' tables are there too; and always, since a newer
  // pg-boss may come with new tables of its own when ours are what they were.
  await migrateJobs(database.query, schema);
  if (version === MIGRATIONS.length) return;
  const files = await Promise.all(
    MIGRATIONS.map((name) => readFile(new URL(`../data/${name}`, import.meta.url), 'utf8')),
  );
  await database.transaction(async (run) => {
    await lock(run, `hookshake:migrate:${schema}`);
    await createQueue(run, schema);
    await run(`SET LOCAL search_path TO ${schema}`);
    await run(
      'CREATE TABLE IF NOT EXISTS migration (version integer PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())',
    );
    const { rows } = await run<{ version: number | null }>('SELECT max(version) AS version FROM migration');
    for (let version = (rows[0]?.version ?? 0) + 1; version <= files.length; version++) {
      await run(files[version - 1] ?? '');
      await run('INSERT INTO migration (version) VALUES ($1)', [version]);
    }
  });
}

/** @throws {@link HookshakeError} `not_migrated`, `store_unusable`. */
export async function assertMigrated(database: Database, schema: string): Promise<void> {
  const version = await readVersion(database, schema);
  if (version === MIGRATIONS.length) return;
  throw new HookshakeError(
    'not_migrated',
    `The schema "${schema}" is at version ${version}, and this version of @hookshake/postgres needs ` +
      `${MIGRATIONS.length}. Call \`await postgres(…).migrate()\` once per deployment, before you serve`,
  );
}

/** 0 when there is nothing yet. */
async function readVersion(database: Database, schema: string): Promise<number> {
  let version: number;
  try {
    const { rows } = await database.query<{ version: number | null }>(
      `SELECT max(version) AS version FROM ${schema}.migration`,
    );
    version = rows[0]?.version ?? 0;
  } catch (error) {
    if ((error as { code?: unknown }).code === UNDEFINED_TABLE) return 0;
    throw error;
  }
  if (version <= MIGRATIONS.length) return version;
  throw new HookshakeError(
    'store_unusable',
    `The schema "${schema}" is at version ${version}, and this version of @hookshake/postgres knows versions up to ` +
      `${MIGRATIONS.length}. Deploy the newer version everywhere`,
  );
}
