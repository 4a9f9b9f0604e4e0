import type { Inbox } from '@hookshake/core';
import { closedError, createAppending } from './appending.js';
import { type Database, lock, type Run } from './database.js';
import { forgetJobs, type Jobs, jobFigures, openJobs } from './jobs.js';
import { createPutAside } from './put-aside.js';
import type { ServerCheck } from './server-check.js';
import { forgetSeen } from './splitting.js';
import { startWorker, type WakingWorker } from './working.js';

export interface InboxOptions {
  readonly maxWaiting: number;
  /** The same database, for workers. */
  readonly working: Database;
  /** The same database, for what no request waits for. */
  readonly patient: Database;
}

/** An inbox that has an end. */
export interface ClosingInbox extends Inbox {
  /** Stops the workers at once, and writes what was appended. */
  close(): Promise<void>;
}

/** Deliveries in a table of ours, the events they are split into in pg-boss. */
export function createInbox(
  database: Database,
  schema: string,
  { ready, durability, strict }: ServerCheck,
  { maxWaiting, working, patient }: InboxOptions,
): ClosingInbox {
  const workers = new Set<WakingWorker>();
  const putAside = createPutAside(patient, schema);
  const wakeAll = () => {
    for (const worker of workers) worker.wake();
  };
  const appending = createAppending(database, schema, { maxWaiting, ready, strict, appended: wakeAll });
  let opening: Promise<Jobs> | undefined;
  let closed = false;

  async function open(): Promise<Jobs> {
    await ready();
    opening ??= openJobs(database, schema).catch((error) => {
      opening = undefined;
      throw error;
    });
    return await opening;
  }

  /** For the two operations that could pass each other by: what one puts back, the other would not find. */
  const alone = (work: (run: Run) => Promise<void>) =>
    patient.transaction(async (run) => {
      await lock(run, `hookshake:${schema}`);
      await work(run);
    });

  return {
    get durability() {
      return durability();
    },
    ordered: false,
    append: appending.append,

    async consume(work) {
      if (closed) throw closedError();
      const jobs = await open();
      // It may have been closed meanwhile, and a worker that starts after that would be stopped by nobody.
      if (closed) throw closedError();
      const worker = startWorker(work, { schema, jobs, putAside, database: working });
      workers.add(worker);
      return {
        async stop(withinMs) {
          await worker.stop(withinMs);
          workers.delete(worker);
        },
      };
    },

    async failed(page) {
      await ready();
      return await putAside.failed(page);
    },

    async parked(page) {
      await ready();
      return await putAside.parked(page);
    },

    async retry(id) {
      const jobs = await open();
      await alone((run) => putAside.retry(run, jobs, id));
      wakeAll();
    },

    async discard(id) {
      await ready();
      await putAside.discard(id);
    },

    async forget(hookId) {
      await ready();
      // In the order in which they become one another, so that each waits for the worker that makes the next of it.
      await alone(async (run) => {
        await run(`DELETE FROM ${schema}.delivery WHERE hook_id = $1`, [hookId]);
        await run(`DELETE FROM ${schema}.parked_delivery WHERE hook_id = $1`, [hookId]);
        await forgetJobs(run, schema, hookId);
        await run(`DELETE FROM ${schema}.failed_event WHERE hook_id = $1`, [hookId]);
        await forgetSeen(run, schema, hookId);
      });
    },

    async stats() {
      await ready();
      const { waiting, running, dueSince } = jobFigures(schema);
      const { rows } = await patient.query<Record<string, string | null>>(
        `SELECT
           (SELECT count(*) FROM ${schema}.delivery) + ${waiting} AS waiting,
           ${running} AS running,
           (SELECT count(*) FROM ${schema}.failed_event) AS failed,
           (SELECT count(*) FROM ${schema}.parked_delivery) AS parked,
           extract(epoch FROM clock_timestamp() - least(
             (SELECT kept_at FROM ${schema}.delivery ORDER BY place LIMIT 1), ${dueSince}
           )) * 1000 AS oldest`,
      );
      const figure = (name: string) => Math.max(0, Math.round(Number(rows[0]?.[name] ?? 0)));
      return {
        waiting: figure('waiting'),
        running: figure('running'),
        failed: figure('failed'),
        parked: figure('parked'),
        oldestAgeMs: figure('oldest'),
      };
    },

    async close() {
      closed = true;
      await Promise.all([...workers].map((worker) => worker.stop(0)));
      await appending.close();
    },
  };
}
