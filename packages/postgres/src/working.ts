import { backoffDelay, type InboxWork, type InboxWorker, MAX_CRASHES, WORKER_DIED } from '@hookshake/core';
import type { Database, Run } from './database.js';
import type { Job } from './jobs.js';
import { purgeSeen, type SplittingParts, splitDeliveries } from './splitting.js';

/** How soon an idle worker sees what another process appended, and that the time of a try has come. */
const LOOK_MS = 200;
const RENEW_MS = 3_000;
const PURGE_MS = 60_000;
/** How long a worker waits before it asks again a server that was away. */
const TROUBLE_MS = 500;

export interface WorkerParts extends SplittingParts {
  readonly database: Database;
}

/** A worker, and a way to tell it that there may be something to do. */
export interface WakingWorker extends InboxWorker {
  wake(): void;
}

/** How a try ended. */
interface Ending {
  readonly job: Job;
  readonly failed: boolean;
  readonly error?: unknown;
}

/**
 * One loop: each round is one transaction that writes how tries ended and takes on as many new ones as there is room
 * for. What ends during a round goes into the next one.
 */
export function startWorker(work: InboxWork, parts: WorkerParts): WakingWorker {
  const { schema, jobs, putAside, database } = parts;
  const running = new Map<Job, AbortController>();
  let endings: readonly Ending[] = [];
  let renewAt = 0;
  let reapAt = 0;
  let purgeAt = performance.now() + PURGE_MS;
  let stopping = false;
  let over = false;
  let woken = false;
  let endPause = (): void => {};

  function wake(): void {
    woken = true;
    endPause();
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (woken) return resolve();
      const timer = setTimeout(resolve, ms);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  function begin(job: Job): void {
    const controller = new AbortController();
    running.set(job, controller);
    // A stop gives the event back while its handlers may still run; what becomes of them counts no more.
    const end = (ending: Ending): void => {
      if (!running.delete(job)) return;
      endings = [...endings, ending];
      wake();
    };
    (async () =>
      await work.handle(job.event, { attempt: job.failures + 1, signal: controller.signal }))().then(
      () => end({ job, failed: false }),
      (error: unknown) => end({ job, failed: true, error }),
    );
  }

  /** @returns Whether there may be more to do at once. */
  async function round(): Promise<boolean> {
    const written = endings;
    const room = stopping ? 0 : work.concurrency - running.size;
    if (written.length > 0 || room > 0) {
      const { taken, last } = await database.transaction(async (run) => ({
        last: await writeEndings(run, written),
        taken: room > 0 ? await jobs.take(run, room) : [],
      }));
      endings = endings.slice(written.length);
      tellGivenUp(last);
      for (const job of taken) begin(job);
      if (taken.length === room) return false;
    }
    if (room === 0) return false;

    // Only now, so that what is not handled yet stays as compact as it came.
    return await database.transaction(async (run) => {
      const { deliveries, duplicates } = await splitDeliveries(run, parts, work);
      // Before the commit, after which others see that nothing is left: should it fail, they are told again.
      for (const event of duplicates) work.duplicate(event);
      return deliveries > 0;
    });
  }

  /** Writes what is not written yet by another's hand. @returns The tries that were the last of their events. */
  async function writeEndings(run: Run, written: readonly Ending[]): Promise<readonly Ending[]> {
    const held = await jobs.lock(
      run,
      written.map(({ job }) => job),
    );
    const own = written.filter(({ job }) => held.includes(job));
    const isOver = ({ failed, job }: Ending) => !failed || job.failures + 1 >= work.attempts;
    const again = own
      .filter((ending) => !isOver(ending))
      .map(({ job }) => ({ ...job, failures: job.failures + 1 }));
    const last = own.filter((ending) => ending.failed && isOver(ending));
    await jobs.release(
      run,
      again,
      again.map(({ failures }) => backoffDelay(work.backoffMs, failures)),
    );
    await jobs.remove(
      run,
      own.filter(isOver).map(({ job }) => job),
    );
    for (const { job, error } of last) {
      await putAside.addFailed(run, job.event, job.failures + 1, work.describe(error));
    }
    return last;
  }

  function tellGivenUp(endings: readonly Ending[]): void {
    for (const { job, error } of endings) work.gaveUp(job.event, job.failures + 1, error);
  }

  async function housekeep(): Promise<void> {
    const now = performance.now();
    if (now >= renewAt) {
      const held = [...running.keys(), ...endings.map(({ job }) => job)];
      if (held.length > 0) await database.transaction((run) => jobs.renew(run, held));
      renewAt = performance.now() + RENEW_MS;
      if (now >= reapAt) await reap();
    }
    if (now >= purgeAt) {
      purgeAt = now + PURGE_MS;
      // One statement, but in the isolation of a transaction: in a stricter one, workers that purge at once would fail.
      if (await database.transaction((run) => purgeSeen(run, schema))) purgeAt = now;
    }
  }

  /** Gives back what workers held that died. */
  async function reap(): Promise<void> {
    const lost = await database.transaction(async (run) => {
      const orphans = (await jobs.lockExpired(run)).map((job) => ({ ...job, crashes: job.crashes + 1 }));
      const again = orphans.filter(({ crashes }) => crashes < MAX_CRASHES);
      const last = orphans.filter(({ crashes }) => crashes >= MAX_CRASHES);
      await jobs.release(
        run,
        again,
        again.map(() => 0),
      );
      await jobs.remove(run, last);
      for (const { event, failures } of last) await putAside.addFailed(run, event, failures, WORKER_DIED);
      return last;
    });
    for (const { event, failures } of lost) work.gaveUp(event, failures, undefined);
  }

  async function loop(): Promise<void> {
    while (!over && !(stopping && running.size + endings.length === 0)) {
      woken = false;
      try {
        await housekeep();
        if (!(await round())) await pause(LOOK_MS);
      } catch (error) {
        work.troubled(error);
        // When the server is back, leases are renewed first, and nobody's is taken before the others had time for that.
        renewAt = 0;
        reapAt = performance.now() + RENEW_MS;
        await pause(TROUBLE_MS);
      }
    }
  }

  const looping = loop();

  async function stop(withinMs: number): Promise<void> {
    stopping = true;
    wake();
    const timer = setTimeout(() => {
      over = true;
      wake();
    }, withinMs);
    await looping;
    clearTimeout(timer);
    const left = [...running.keys()];
    for (const controller of running.values()) controller.abort();
    running.clear();
    if (left.length + endings.length === 0) return;
    try {
      const last = await database.transaction(async (run) => {
        const told = await writeEndings(run, endings);
        const held = await jobs.lock(run, left);
        await jobs.release(
          run,
          held,
          held.map(() => 0),
        );
        return told;
      });
      tellGivenUp(last);
    } catch (error) {
      // The leases run out by themselves; until then the events wait.
      work.troubled(error);
    }
  }

  let stopped: Promise<void> | undefined;
  return {
    wake,
    stop(withinMs) {
      stopped ??= stop(withinMs);
      return stopped;
    },
  };
}
