import { setTimeout as wait } from 'node:timers/promises';
import { backoffDelay, type InboxWork, type InboxWorker, MAX_CRASHES, WORKER_DIED } from '@hookshake/core';
import { Job, UnrecoverableError, WaitingError, Worker, type WorkerOptions } from 'bullmq';
import { claimEvents, dropClaims } from './claims.js';
import type { Connection } from './connection.js';
import { hashTag } from './keys.js';
import {
  DELIVERIES,
  type DeliveryData,
  EVENTS,
  type EventData,
  eventJobId,
  type Queues,
  toDelivery,
  toEvent,
} from './queues.js';
import { within } from './within.js';

/** A worker whose process shows no sign of life for this long is taken for dead. */
const LEASE_MS = 15_000;
/** Its signs come this often at least: so Redis may be away for 12 seconds before what runs is handled again. */
const RENEW_MS = 3_000;
/** How often dead workers are looked for. */
const LOOK_MS = 5_000;
/** Deliveries that are split at once, each with its body and its events in memory. */
const SPLITS_AT_ONCE = 4;
/** How long Redis may take to answer the first time, and to take back what is given up at the end. */
const START_MS = 5_000;
const GRACE_MS = 2_000;
/** The wait before a delivery that could not be split is split again; doubled each time. */
const SPLIT_AGAIN_MS = 1_000;
/** The wait before BullMQ asks again what a connection that was lost did not answer. */
const ASK_AGAIN_MS = 1_000;

/** Ends the job of an event for good; `error` is what its handlers failed with. */
class GivenUp extends UnrecoverableError {
  readonly error: unknown;

  constructor(reason: string, error: unknown) {
    super(reason);
    this.error = error;
  }
}

/** A worker that can be left where Redis is away. */
class LeavableWorker<Data> extends Worker<Data, void> {
  /**
   * Ends its timers and its connections. `close` would come to that last, after it has waited for a connection to end
   * which, while it is lost, never says that it has: https://github.com/taskforcesh/bullmq/issues/4585
   */
  async leave(): Promise<void> {
    await this.lockManager.close();
    await this.getBackend().close(true);
  }
}

/** Starts a BullMQ worker for deliveries, which splits them, and one for events, which handles them. */
export async function startWorking(
  connection: Connection,
  queues: Queues,
  prefix: string,
  work: InboxWork,
): Promise<InboxWorker> {
  const client = connection.openForWorker();
  const running = new Set<AbortController>();
  let stopped: Promise<void> | undefined;

  async function putBack(job: Job, token: string | undefined): Promise<never> {
    await job.moveToWait(token);
    throw new WaitingError();
  }

  async function splitDelivery(job: Job<DeliveryData, void>, token?: string): Promise<void> {
    if (stopped !== undefined) return await putBack(job, token);
    if (job.stalledCounter >= MAX_CRASHES) throw new UnrecoverableError(WORKER_DIED);
    const events = work.split(toDelivery(job.data));
    if (events === undefined) throw new UnrecoverableError('unreadable');

    const id = job.id ?? '';
    const jobs = events.map((event) => ({ event, jobId: eventJobId(event) }));
    const claims = await claimEvents(
      client,
      prefix,
      job.data.hookId,
      id,
      jobs.map(({ jobId }) => jobId),
    );
    await queues.events.addBulk(
      jobs
        .filter((_, index) => claims[index])
        .map(({ event, jobId }) => ({
          name: event.name,
          data: event,
          opts: { jobId, timestamp: job.timestamp },
        })),
    );
    await dropClaims(client, prefix, id);
    for (const [index, event] of events.entries()) if (!claims[index]) work.duplicate(event);
  }

  async function handleEvent(job: Job<EventData, void>, token?: string): Promise<void> {
    if (stopped !== undefined) return await putBack(job, token);
    if (job.data.forgotten) return;
    if (job.stalledCounter >= MAX_CRASHES) throw new GivenUp(WORKER_DIED, undefined);

    const attempt = job.attemptsMade + 1;
    const controller = new AbortController();
    const { signal } = controller;
    running.add(controller);
    try {
      await unlessAborted(signal, () => work.handle(toEvent(job.data), { attempt, signal }));
    } catch (error) {
      if (signal.aborted) return await putBack(job, token);
      const reason = work.describe(error);
      if (attempt < work.attempts) throw new Error(reason);
      if (await wasForgotten(job)) return;
      throw new GivenUp(reason, error);
    } finally {
      running.delete(controller);
    }
  }

  /** Whether the hook of an event was forgotten since its handlers were begun. */
  async function wasForgotten({ id }: Job<EventData, void>): Promise<boolean> {
    const job = await Job.fromId<EventData>(handler, id ?? '');
    return job?.data.forgotten ?? false;
  }

  const options: WorkerOptions = {
    connection: client,
    prefix: hashTag(prefix),
    lockDuration: LEASE_MS,
    lockRenewTime: RENEW_MS,
    stalledInterval: LOOK_MS,
    // What stalled too often is given up above, where it can be said why.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    runRetryDelay: ASK_AGAIN_MS,
    // Its warnings would go past the logger. Without a version it sleeps for whole seconds, so a retry is up to one late.
    skipVersionCheck: true,
  };
  const splitter = new LeavableWorker<DeliveryData>(DELIVERIES, splitDelivery, {
    ...options,
    concurrency: SPLITS_AT_ONCE,
    settings: { backoffStrategy: (failures = 1) => Math.ceil(backoffDelay(SPLIT_AGAIN_MS, failures)) },
  });
  const handler = new LeavableWorker<EventData>(EVENTS, handleEvent, {
    ...options,
    concurrency: work.concurrency,
    settings: { backoffStrategy: (failures = 1) => Math.ceil(backoffDelay(work.backoffMs, failures)) },
  });
  const workers = [splitter, handler];
  for (const worker of workers) worker.on('error', (error) => work.troubled(error));
  // A failed split is no event that failed: nobody else would tell of it.
  splitter.on('failed', (_job, error) => {
    if (!(error instanceof UnrecoverableError)) work.troubled(error);
  });
  handler.on('failed', (job, error) => {
    if (job !== undefined && error instanceof GivenUp)
      work.gaveUp(toEvent(job.data), triesOf(job), error.error);
  });

  async function stop(withinMs: number): Promise<void> {
    const closing = Promise.allSettled(workers.map((worker) => worker.close()));
    const timeUp = new AbortController();
    await Promise.race([closing, wait(withinMs, undefined, { signal: timeUp.signal }).catch(() => {})]);
    timeUp.abort();
    for (const controller of running) controller.abort();
    try {
      await within(GRACE_MS, closing, 'Redis did not answer');
    } catch {
      // Without Redis nothing can be given back: this worker will be taken for dead, and its events are tried again.
      for (const worker of workers) worker.leave().catch(() => {});
    }
    client.disconnect();
  }

  const worker: InboxWorker = {
    stop(withinMs) {
      stopped ??= stop(withinMs);
      return stopped;
    },
  };
  try {
    const ready = Promise.all(workers.map((one) => one.waitUntilReady()));
    await within(START_MS, ready, 'Redis could not be reached');
  } catch (error) {
    await worker.stop(0);
    throw error;
  }
  return worker;
}

/** How many tries of an event failed. BullMQ also counts the step that gives up an event over which processes died. */
export function triesOf(job: Job<EventData, void>): number {
  return job.stalledCounter >= MAX_CRASHES ? job.attemptsMade - 1 : job.attemptsMade;
}

/** What `run` settles to, or a rejection as soon as the signal is aborted. */
async function unlessAborted(signal: AbortSignal, run: () => Promise<void>): Promise<void> {
  let abort = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    await Promise.race([run(), aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
