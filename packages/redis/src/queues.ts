import { hash } from 'node:crypto';
import type { InboxEvent, RawDelivery } from '@hookshake/core';
import { type JobsOptions, Queue } from 'bullmq';
import type { Client } from './connection.js';
import { hashTag } from './keys.js';

/** A delivery as a job: BullMQ keeps JSON, so its bytes are base64. */
export interface DeliveryData extends Omit<RawDelivery, 'body'> {
  readonly body: string;
}

/** An event as a job. */
export interface EventData extends InboxEvent {
  /** Its hook was forgotten while it was being handled, so it is not tried again. */
  readonly forgotten?: true;
}

export interface Queues {
  readonly deliveries: Queue<DeliveryData, void>;
  readonly events: Queue<EventData, void>;
}

export const DELIVERIES = 'deliveries';
export const EVENTS = 'events';

/**
 * The worker decides when an event is given up, since it knows how many tries there are. A stack trace is not kept: it
 * would only tell where the worker gave up.
 */
const JOB: JobsOptions = {
  attempts: Number.MAX_SAFE_INTEGER,
  backoff: { type: 'custom' },
  removeOnComplete: true,
  removeOnFail: false,
  stackTraceLimit: 0,
};

/** Opens both queues. */
export async function openQueues(client: Client, prefix: string): Promise<Queues> {
  const open = async <Data>(name: string): Promise<Queue<Data, void>> => {
    const queue = new Queue<Data, void>(name, {
      connection: client,
      prefix: hashTag(prefix),
      defaultJobOptions: JOB,
      skipVersionCheck: true,
      // Nobody reads BullMQ's stream of events.
      streams: { events: { maxLen: 100 } },
    });
    // What matters rejects where it was asked for.
    queue.on('error', () => {});
    await queue.waitUntilReady();
    return queue;
  };
  const [deliveries, events] = await Promise.all([open<DeliveryData>(DELIVERIES), open<EventData>(EVENTS)]);
  return { deliveries, events };
}

/** A job id that tells the queue and the hook. BullMQ forbids colons and integers. */
export function deliveryJobId({ id, hookId }: Pick<RawDelivery, 'id' | 'hookId'>): string {
  return `d-${digest(hookId)}-${digest(id)}`;
}

/** The same for the same event of a hook, so that BullMQ holds it once. */
export function eventJobId({ hookId, key }: InboxEvent): string {
  return `e-${digest(hookId)}-${digest(key)}`;
}

export function isJobId(text: string): boolean {
  return /^[de]-[\w-]{22}-[\w-]{22}$/.test(text);
}

/** The queue that a job id is of; `undefined` when it is no id of ours. */
export function queueOf(
  { deliveries, events }: Queues,
  jobId: string,
): Queues['deliveries'] | Queues['events'] | undefined {
  if (!isJobId(jobId)) return undefined;
  return jobId.startsWith('d') ? deliveries : events;
}

export function isOfHook(jobId: string, hookId: string): boolean {
  return jobId.startsWith(digest(hookId), 2);
}

export function toData({ id, hookId, receivedAtMs, body, traceparent }: RawDelivery): DeliveryData {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return { id, hookId, receivedAtMs, body: bytes.toString('base64'), traceparent };
}

export function toDelivery({ id, hookId, receivedAtMs, body, traceparent }: DeliveryData): RawDelivery {
  return { id, hookId, receivedAtMs, body: Buffer.from(body, 'base64'), traceparent };
}

export function toEvent(data: EventData): InboxEvent {
  const { deliveryId, hookId, receivedAtMs, traceparent, key, lane, name, json } = data;
  return { deliveryId, hookId, receivedAtMs, traceparent, key, lane, name, json };
}

/** 132 bits, which are enough for no two of a lifetime to be alike. */
function digest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22);
}
