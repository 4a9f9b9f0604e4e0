import type { Durability, Inbox, InboxWork, InboxWorker } from '@hookshake/core';
import type { Job } from 'bullmq';
import { dropSeen } from './claims.js';
import type { Client, Connection } from './connection.js';
import { readFailedPage } from './failed-page.js';
import {
  type DeliveryData,
  deliveryJobId,
  type EventData,
  isOfHook,
  openQueues,
  type Queues,
  queueOf,
  toData,
} from './queues.js';
import { createRoom } from './room.js';
import { startWorking, triesOf } from './working.js';

export interface InboxParts {
  readonly prefix: string;
  readonly maxWaiting: number;
  readonly readDurability: () => Durability;
}

/**
 * An inbox of two BullMQ queues: deliveries, and the events they were split into. Parked deliveries and failed events
 * are the failed jobs of each. Nothing of BullMQ is opened until it is used.
 */
export function createInbox(
  connection: Connection,
  { prefix, maxWaiting, readDurability }: InboxParts,
): { readonly inbox: Inbox; stopAll(): Promise<void> } {
  /** Those that work, and those that are about to. */
  const workers = new Set<Promise<InboxWorker>>();
  let opening: Promise<Queues> | undefined;

  function open(client: Client): Promise<Queues> {
    opening ??= openQueues(client, prefix).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  function ask<T>(question: (queues: Queues, client: Client) => Promise<T>): Promise<T> {
    return connection.ask(async (client) => question(await open(client), client));
  }

  async function start(work: InboxWork): Promise<InboxWorker> {
    const queues = await ask(async (opened) => opened);
    return startWorking(connection, queues, prefix, work);
  }

  const takeRoom = createRoom(maxWaiting, () =>
    ask(async (queues) => {
      const { waiting, running } = await count(queues);
      return waiting + running;
    }),
  );

  return {
    inbox: {
      get durability() {
        return readDurability();
      },
      ordered: false,

      async append(delivery) {
        await takeRoom();
        await ask(({ deliveries }) =>
          deliveries.add('delivery', toData(delivery), { jobId: deliveryJobId(delivery) }),
        );
      },

      async consume(work) {
        const starting = start(work);
        workers.add(starting);
        try {
          const worker = await starting;
          return {
            async stop(withinMs) {
              await worker.stop(withinMs);
              workers.delete(starting);
            },
          };
        } catch (error) {
          workers.delete(starting);
          throw error;
        }
      },

      failed: (page = {}) =>
        ask(({ events }, client) =>
          readFailedPage(client, events, page, (job) => {
            const { hookId, key, name, json } = job.data;
            return {
              id: job.id ?? '',
              hookId,
              key,
              name,
              json,
              attempts: triesOf(job),
              failedAt: new Date(job.finishedOn ?? 0),
              reason: job.failedReason,
            };
          }),
        ),

      parked: (page = {}) =>
        ask(({ deliveries }, client) =>
          readFailedPage(client, deliveries, page, (job) => ({
            id: job.id ?? '',
            hookId: job.data.hookId,
            receivedAt: new Date(job.data.receivedAtMs),
            body: Buffer.from(job.data.body, 'base64'),
          })),
        ),

      retry: (id) =>
        ask(async (queues, client) => {
          const job = await findFailed(queues, id);
          if (job === undefined) return;
          // BullMQ forgets the tries that failed, but not the processes that died, nor how long ago it was queued.
          const key = queueOf(queues, id)?.toKey(id) ?? '';
          await client.hset(key, { stc: 0, timestamp: Date.now() });
          await job.retry('failed', { resetAttemptsMade: true });
        }),

      discard: (id) => ask(async (queues) => (await findFailed(queues, id))?.remove()),

      async forget(hookId) {
        // Of a long list, this takes longer than a question may.
        const queues = await ask(async (opened) => opened);
        await removeOf(queues, hookId);
        await ask((_, client) => dropSeen(client, prefix, hookId));
      },

      stats: () =>
        ask(async (queues) => ({ ...(await count(queues)), oldestAgeMs: await readOldestAge(queues) })),
    },

    async stopAll() {
      // Who could not be started has nothing to stop, and whoever asked for it knows.
      const started = await Promise.all([...workers].map((one) => one.catch(() => undefined)));
      await Promise.all(started.map((worker) => worker?.stop(0)));
    },
  };
}

async function count({ deliveries, events }: Queues) {
  const states = ['wait', 'delayed', 'active', 'failed'] as const;
  const [of, ev] = await Promise.all([deliveries.getJobCounts(...states), events.getJobCounts(...states)]);
  const sum = (...counts: (number | undefined)[]) => counts.reduce<number>((a, b = 0) => a + b, 0);
  return {
    waiting: sum(of['wait'], of['delayed'], of['active'], ev['wait'], ev['delayed']),
    running: sum(ev['active']),
    failed: sum(ev['failed']),
    parked: sum(of['failed']),
  };
}

/** The failed job of that id; `undefined` if there is none, or if it is not among the failed ones. */
async function findFailed(
  queues: Queues,
  id: string,
): Promise<Job<DeliveryData, void> | Job<EventData, void> | undefined> {
  const job = await queueOf(queues, id)?.getJob(id);
  return job !== undefined && (await job.isFailed()) ? job : undefined;
}

/** Removes all jobs of a hook. */
async function removeOf({ deliveries, events }: Queues, hookId: string): Promise<void> {
  const states = ['active', 'wait', 'delayed', 'failed'] as const;
  for (const id of await deliveries.getRanges([...states], 0, -1)) {
    if (isOfHook(id, hookId)) await deliveries.remove(id);
  }
  for (const id of await events.getRanges([...states], 0, -1)) {
    if (isOfHook(id, hookId) && (await events.remove(id)) === 0) await forbid(events, id);
  }
}

/** Has an event that is being handled not be tried again, and removes it where that ended in the meantime. */
async function forbid(events: Queues['events'], id: string): Promise<void> {
  const job = await events.getJob(id);
  try {
    await job?.updateData({ ...job.data, forgotten: true });
  } catch (error) {
    if ((await events.getJob(id)) !== undefined) throw error;
  }
  await events.remove(id);
}

/** How long the longest waiting of what is due has waited, by the clock of this process. */
async function readOldestAge({ deliveries, events }: Queues): Promise<number> {
  const heads = await Promise.all([
    deliveries.getJobs('wait', 0, 0, true),
    deliveries.getJobs('active', 0, 0, true),
    events.getJobs('wait', 0, 0, true),
    events.getJobs('delayed', 0, 0, true),
  ]);
  const dueAt = heads.flat().map((job) => (job.processedOn ?? job.timestamp) + job.delay);
  return Math.max(0, Date.now() - Math.min(Date.now(), ...dueAt));
}
