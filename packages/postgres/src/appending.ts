import { HookshakeError, type RawDelivery } from '@hookshake/core';
import type { Database, Run } from './database.js';

/** Takes deliveries and answers when PostgreSQL has them. */
export interface Appending {
  append(delivery: RawDelivery): Promise<void>;
  /** Refuses what comes from now on, and resolves when what came before is kept or refused. */
  close(): Promise<void>;
}

export interface AppendingOptions {
  readonly maxWaiting: number;
  readonly ready: () => Promise<void>;
  /** Whether a statement needs a transaction of ours around it, lest the appends of two processes fail each other. */
  readonly strict: () => boolean;
  /** Called when deliveries were kept. */
  readonly appended: () => void;
}

/** What a delivery is, in its table and in that of what is parked. */
export const DELIVERY = 'id, hook_id, received_at_ms, traceparent, body';

interface Entry {
  readonly delivery: RawDelivery;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const MAX_GROUP = 64;
const MAX_GROUP_BYTES = 8 * 1024 * 1024;
/** So that a slow server does not become a full memory. */
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;

/**
 * One statement is under way at a time; what arrives meanwhile shares the next one. There is no timer: a delivery that
 * comes alone is written at once.
 */
export function createAppending(
  database: Database,
  schema: string,
  { maxWaiting, ready, strict, appended }: AppendingOptions,
): Appending {
  const queue: Entry[] = [];
  let queuedBytes = 0;
  let flushing: Promise<void> | undefined;
  let closed = false;

  async function flushAll(): Promise<void> {
    // Lets the other requests of this turn join in.
    await new Promise(setImmediate);
    while (queue.length > 0) await flush(takeGroup());
    flushing = undefined;
  }

  function takeGroup(): readonly Entry[] {
    let bytes = 0;
    let count = 0;
    for (const { delivery } of queue) {
      bytes += delivery.body.length;
      if (count === MAX_GROUP || (count > 0 && bytes > MAX_GROUP_BYTES)) break;
      count++;
    }
    return queue.splice(0, count);
  }

  async function flush(group: readonly Entry[]): Promise<void> {
    try {
      await ready();
      const kept = await insert(group.map(({ delivery }) => delivery));
      for (const { resolve } of group.slice(0, kept)) resolve();
      for (const { reject } of group.slice(kept)) reject(full(`${maxWaiting} deliveries wait in it`));
      if (kept > 0) appended();
    } catch (error) {
      for (const { reject } of group) reject(error);
    } finally {
      for (const { delivery } of group) queuedBytes -= delivery.body.length;
    }
  }

  const write: Run = (text, values) =>
    strict() ? database.transaction((run) => run(text, values)) : database.query(text, values);

  /**
   * The bodies travel as one binary parameter, out of which the server cuts each. How many wait is told by the two ends
   * of the primary key, so that no table is counted through.
   *
   * @returns How many of the first ones there was room for.
   */
  async function insert(deliveries: readonly RawDelivery[]): Promise<number> {
    let end = 1;
    const starts = deliveries.map(({ body }) => {
      const start = end;
      end += body.length;
      return start;
    });
    const { rowCount } = await write(
      `INSERT INTO ${schema}.delivery (${DELIVERY})
       SELECT id, hook_id, received_at_ms, traceparent, substring($1::bytea FROM start FOR length)
       FROM unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::integer[], $7::integer[])
         WITH ORDINALITY AS one (id, hook_id, received_at_ms, traceparent, start, length, nth)
       WHERE nth <= (SELECT $8::bigint - coalesce(max(place) - min(place) + 1, 0) FROM ${schema}.delivery)
       ORDER BY nth`,
      [
        Buffer.concat(deliveries.map(({ body }) => body)),
        deliveries.map(({ id }) => id),
        deliveries.map(({ hookId }) => hookId),
        deliveries.map(({ receivedAtMs }) => receivedAtMs),
        deliveries.map(({ traceparent }) => traceparent ?? null),
        starts,
        deliveries.map(({ body }) => body.length),
        maxWaiting,
      ],
    );
    return rowCount;
  }

  return {
    async append(delivery) {
      if (closed) throw closedError();
      if (queuedBytes > 0 && queuedBytes + delivery.body.length > MAX_QUEUED_BYTES) {
        throw full('PostgreSQL takes deliveries too slowly');
      }
      queuedBytes += delivery.body.length;
      return await new Promise((resolve, reject) => {
        queue.push({ delivery, resolve, reject });
        flushing ??= flushAll();
      });
    },

    async close() {
      closed = true;
      await flushing;
    },
  };
}

/** Why a closed inbox does nothing any more. */
export function closedError(): Error {
  return new Error('The inbox is closed');
}

function full(what: string): HookshakeError {
  return new HookshakeError('inbox_full', `This inbox is full: ${what}. Start a worker, or more of them`);
}
