import { randomUUID } from 'node:crypto';
import { HookshakeError, type InboxEvent } from '@hookshake/core';
import PgBoss from 'pg-boss';
import type { Database, Run } from './database.js';

/** The one queue of ours in pg-boss. */
const EVENTS = 'hookshake_events';

/** A worker that has not renewed its lease of a job for this long, by the server's clock, counts as dead. */
export const LEASE_MS = 15_000;

/** The highest concurrency of a worker. */
const MAX_EXPIRED = 1_000;

/** An event that a worker has taken. */
export interface Job {
  readonly id: string;
  /** How often the job had been taken before: names this taking. Who took it earlier may write nothing of it. */
  readonly taking: number;
  readonly event: InboxEvent;
  /** How many tries before this one failed. */
  readonly failures: number;
  /** During how many tries before this one the worker died. */
  readonly crashes: number;
}

/** Jobs in pg-boss; each operation takes part in the transaction it is given. */
export interface Jobs {
  insert(run: Run, events: readonly InboxEvent[]): Promise<void>;
  /** Takes up to `count` jobs that are due, and leases them. */
  take(run: Run, count: number): Promise<readonly Job[]>;
  /** Renews the leases of jobs that are still the taker's. */
  renew(run: Run, jobs: readonly Job[]): Promise<void>;
  /** Locks jobs. @returns Those that are still the taker's: only they may be removed or released. */
  lock(run: Run, jobs: readonly Job[]): Promise<readonly Job[]>;
  /** Locks jobs whose lease has run out, as many as one worker can have held. */
  lockExpired(run: Run): Promise<readonly Job[]>;
  remove(run: Run, jobs: readonly Job[]): Promise<void>;
  /** Gives jobs back, with their counts, to be taken again after the delay. */
  release(run: Run, jobs: readonly Job[], delaysMs: readonly number[]): Promise<void>;
}

/** The event is kept as text: pg-boss stores `jsonb`, which refuses `\u0000`. */
interface Data {
  readonly hookId: string;
  readonly event: string;
  readonly failures: number;
  readonly crashes: number;
}

interface ExpiredRow {
  readonly id: string;
  readonly retry_count: number;
  readonly data: Data;
}

/** Creates or updates the tables of pg-boss, which lets one process at a time do so. */
export async function migrateJobs(run: Run, schema: string): Promise<void> {
  await createBoss(run, schema, true).start();
}

/** Creates the queue. Of several processes at once, some would run into a deadlock: lock first. */
export async function createQueue(run: Run, schema: string): Promise<void> {
  await createBoss(run, schema, false).createQueue(EVENTS);
}

/** Drops the events of a hook, those that a worker has taken included; a worker that writes one of them is waited for. */
export async function forgetJobs(run: Run, schema: string, hookId: string): Promise<void> {
  await run(
    `DELETE FROM ${schema}.job WHERE name = '${EVENTS}' AND id IN (
       SELECT id FROM ${schema}.job WHERE name = '${EVENTS}' AND data ->> 'hookId' = $1 ORDER BY id FOR UPDATE)`,
    [hookId],
  );
}

/**
 * Figures of the events, as expressions: what is a delivery now is an event the next moment, so that one statement has to
 * count both.
 */
export function jobFigures(schema: string): Readonly<Record<'waiting' | 'running' | 'dueSince', string>> {
  const waiting = `${schema}.job WHERE name = '${EVENTS}' AND state < 'active'`;
  return {
    waiting: `(SELECT count(*) FROM ${waiting})`,
    running: `(SELECT count(*) FROM ${schema}.job WHERE name = '${EVENTS}' AND state = 'active')`,
    dueSince: `(SELECT min(start_after) FROM ${waiting} AND start_after <= clock_timestamp())`,
  };
}

/** @throws {@link HookshakeError} `not_migrated` when the tables are of another version of pg-boss. */
export async function openJobs(database: Database, schema: string): Promise<Jobs> {
  const boss = createBoss(database.query, schema, false);
  try {
    await boss.start();
  } catch (cause) {
    if (!(cause instanceof Error) || !cause.message.startsWith('pg-boss ')) throw cause;
    throw new HookshakeError(
      'not_migrated',
      `The tables of pg-boss in schema "${schema}" are of another version. Call \`await postgres(…).migrate()\` ` +
        'of the newest version you deploy',
      { cause },
    );
  }

  // All that locks several jobs does so in the order of their ids, so that nobody waits in a circle.
  const mine = `
    SELECT job.id FROM ${schema}.job JOIN unnest($1::uuid[], $2::integer[]) AS mine (id, taking)
      ON job.id = mine.id AND job.retry_count = mine.taking
    WHERE job.name = '${EVENTS}' AND job.state = 'active' ORDER BY job.id FOR UPDATE OF job`;
  const names = (jobs: readonly Job[]) => [jobs.map(({ id }) => id), jobs.map(({ taking }) => taking)];

  return {
    async insert(run, events) {
      if (events.length === 0) return;
      // pg-boss hands out what was queued together in the order of the ids: let that be the order of the events.
      const prefix = randomUUID().slice(0, 24);
      const rows = events.map((event, index) => ({
        id: `${prefix}${index.toString(16).padStart(12, '0')}`,
        name: EVENTS,
        data: { hookId: event.hookId, event: JSON.stringify(event), failures: 0, crashes: 0 } satisfies Data,
      }));
      await boss.insert(rows, { db: { executeSql: run } });
    },

    async take(run, count) {
      // fetch() takes every error for a race that it may ignore.
      let failure: unknown;
      const db: PgBoss.Db = {
        executeSql: (text, values) =>
          run(text, values).catch((error: unknown) => {
            failure = error;
            throw error;
          }),
      };
      const options = { batchSize: count, priority: false, includeMetadata: true, db } as const;
      const jobs = await boss.fetch<Data>(EVENTS, options);
      if (failure !== undefined) throw failure;
      return jobs.map(({ id, retryCount, data }) => read(id, retryCount, data));
    },

    async renew(run, jobs) {
      if (jobs.length === 0) return;
      await run(
        `UPDATE ${schema}.job SET started_on = clock_timestamp() WHERE name = '${EVENTS}' AND id IN (${mine} SKIP LOCKED)`,
        names(jobs),
      );
    },

    async lock(run, jobs) {
      if (jobs.length === 0) return [];
      const { rows } = await run<{ id: string }>(mine, names(jobs));
      const held = new Set(rows.map(({ id }) => id));
      return jobs.filter(({ id }) => held.has(id));
    },

    async lockExpired(run) {
      const { rows } = await run<ExpiredRow>(
        `SELECT id, retry_count, data FROM ${schema}.job
         WHERE name = '${EVENTS}' AND state = 'active'
           AND started_on < clock_timestamp() - interval '${LEASE_MS} ms'
         ORDER BY id LIMIT ${MAX_EXPIRED} FOR UPDATE SKIP LOCKED`,
      );
      return rows.map(({ id, retry_count, data }) => read(id, retry_count, data));
    },

    async remove(run, jobs) {
      if (jobs.length === 0) return;
      await boss.deleteJob(
        EVENTS,
        jobs.map(({ id }) => id),
        { db: { executeSql: run } },
      );
    },

    async release(run, jobs, delaysMs) {
      if (jobs.length === 0) return;
      await run(
        `UPDATE ${schema}.job SET state = 'retry', start_after = clock_timestamp() + delay * interval '1 ms',
           data = data || jsonb_build_object('failures', failures, 'crashes', crashes)
         FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::float8[]) AS back (id, failures, crashes, delay)
         WHERE job.name = '${EVENTS}' AND job.id = back.id`,
        [
          jobs.map(({ id }) => id),
          jobs.map(({ failures }) => failures),
          jobs.map(({ crashes }) => crashes),
          delaysMs,
        ],
      );
    },
  };
}

/** pg-boss without its timers: it keeps the jobs and hands them out; leases and tries are ours. */
function createBoss(run: Run, schema: string, migrate: boolean): PgBoss {
  const db: PgBoss.Db = { executeSql: run };
  return new PgBoss({ db, schema, migrate, supervise: false, schedule: false });
}

function read(id: string, taking: number, { event, failures, crashes }: Data): Job {
  return { id, taking, event: JSON.parse(event), failures, crashes };
}
