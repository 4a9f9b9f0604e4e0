import { type InboxEvent, type InboxWork, type RawDelivery, SEEN_MS } from '@hookshake/core';
import { DELIVERY } from './appending.js';
import type { Run } from './database.js';
import type { Jobs } from './jobs.js';
import type { PutAside } from './put-aside.js';

/** A worker splits deliveries only when it has too few events, and about so many at a time: the rest stays as it came. */
const ENOUGH_EVENTS = 200;
const MAX_DELIVERIES = 64;
const MAX_BYTES = 8 * 1024 * 1024;

/** So that what has piled up holds up no event for long. */
const MAX_PURGED = 10_000;

interface Row {
  readonly place: string;
  readonly id: string;
  readonly hook_id: string;
  readonly received_at_ms: string;
  readonly traceparent: string | null;
  readonly body: Buffer;
}

export interface SplittingParts {
  readonly schema: string;
  readonly jobs: Jobs;
  readonly putAside: PutAside;
}

/** What became of the deliveries that were split. */
export interface Split {
  readonly deliveries: number;
  readonly duplicates: readonly InboxEvent[];
}

/**
 * Splits the oldest deliveries that no other worker is splitting. One transaction marks the events seen, queues them and
 * drops the deliveries; a crash undoes all of it.
 */
export async function splitDeliveries(
  run: Run,
  { schema, jobs, putAside }: SplittingParts,
  work: InboxWork,
): Promise<Split> {
  const { rows } = await run<Row>(
    `WITH head AS (
       SELECT place, octet_length(body) AS bytes FROM ${schema}.delivery
       ORDER BY place LIMIT ${MAX_DELIVERIES} FOR UPDATE SKIP LOCKED
     ), sized AS (
       SELECT place, sum(bytes) OVER (ORDER BY place) - bytes AS bytes_before FROM head
     )
     SELECT place, ${DELIVERY}
     FROM ${schema}.delivery JOIN sized USING (place) WHERE bytes_before < ${MAX_BYTES} ORDER BY place`,
  );

  const split: string[] = [];
  const unreadable: string[] = [];
  const events: InboxEvent[] = [];
  for (const row of rows) {
    if (events.length >= ENOUGH_EVENTS) break;
    split.push(row.place);
    const found = work.split(readDelivery(row));
    if (found === undefined) unreadable.push(row.place);
    // Not as arguments of one call, of which there may be about a hundred thousand.
    else for (const event of found) events.push(event);
  }

  const fresh = await markSeen(run, schema, events);
  await jobs.insert(run, [...fresh]);
  await putAside.addParked(run, unreadable);
  if (split.length > 0) await run(`DELETE FROM ${schema}.delivery WHERE place = ANY ($1::bigint[])`, [split]);
  return { deliveries: split.length, duplicates: events.filter((event) => !fresh.has(event)) };
}

/** The events that had not been seen within 7 days. */
async function markSeen(
  run: Run,
  schema: string,
  events: readonly InboxEvent[],
): Promise<ReadonlySet<InboxEvent>> {
  const firsts = new Map<string, InboxEvent>();
  for (const event of events) {
    const name = nameOf(event.hookId, event.key);
    if (!firsts.has(name)) firsts.set(name, event);
  }
  if (firsts.size === 0) return new Set();

  // In one order everywhere, so that two workers with the same events wait for each other instead of dead-locking.
  const sorted = [...firsts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, event]) => event);
  const { rows } = await run<{ hook_id: string; key: string }>(
    `INSERT INTO ${schema}.seen AS known (hook_id, key)
     SELECT * FROM unnest($1::text[], $2::text[])
     ON CONFLICT (hook_id, key) DO UPDATE SET seen_at = clock_timestamp()
     WHERE known.seen_at <= clock_timestamp() - interval '${SEEN_MS} ms'
     RETURNING hook_id, key`,
    [sorted.map(({ hookId }) => hookId), sorted.map(({ key }) => key)],
  );
  const marked = new Set(rows.map(({ hook_id, key }) => nameOf(hook_id, key)));
  return new Set([...firsts].flatMap(([name, event]) => (marked.has(name) ? [event] : [])));
}

/** Forgets what was seen of a hook, in the order in which workers mark it, lest they wait for each other in a circle. */
export async function forgetSeen(run: Run, schema: string, hookId: string): Promise<void> {
  await run(
    `DELETE FROM ${schema}.seen WHERE hook_id = $1 AND key IN (
       SELECT key FROM ${schema}.seen WHERE hook_id = $1 ORDER BY key FOR UPDATE)`,
    [hookId],
  );
}

/** Forgets some of what was seen more than 7 days ago. @returns Whether there may be more of it. */
export async function purgeSeen(run: Run, schema: string): Promise<boolean> {
  const { rowCount } = await run(
    `DELETE FROM ${schema}.seen WHERE ctid = ANY (ARRAY(
       SELECT ctid FROM ${schema}.seen WHERE seen_at <= clock_timestamp() - interval '${SEEN_MS} ms'
       LIMIT ${MAX_PURGED} FOR UPDATE SKIP LOCKED
     ))`,
  );
  return rowCount === MAX_PURGED;
}

function nameOf(hookId: string, key: string): string {
  return `${hookId}\n${key}`;
}

function readDelivery({ id, hook_id, received_at_ms, traceparent, body }: Row): RawDelivery {
  return {
    id,
    hookId: hook_id,
    receivedAtMs: Number(received_at_ms),
    body,
    ...(traceparent !== null && { traceparent }),
  };
}
