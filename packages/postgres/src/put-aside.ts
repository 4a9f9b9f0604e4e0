import {
  type FailedEvent,
  HookshakeError,
  type InboxEvent,
  type Page,
  type PageOptions,
  type ParkedDelivery,
  pageLimit,
} from '@hookshake/core';
import { DELIVERY } from './appending.js';
import type { Database, Run } from './database.js';
import type { Jobs } from './jobs.js';

/** What people decide about: failed events and parked deliveries. */
export interface PutAside {
  addFailed(run: Run, event: InboxEvent, attempts: number, reason: string): Promise<void>;
  /** Copies deliveries at these places, which are deleted there by whoever splits them. */
  addParked(run: Run, places: readonly string[]): Promise<void>;
  failed(page?: PageOptions): Promise<Page<FailedEvent>>;
  parked(page?: PageOptions): Promise<Page<ParkedDelivery>>;
  retry(run: Run, jobs: Jobs, id: string): Promise<void>;
  discard(id: string): Promise<void>;
}

interface FailedRow {
  readonly place: string;
  readonly event: string;
  readonly attempts: number;
  readonly reason: string;
  readonly failed_at: Date;
}

interface ParkedRow {
  readonly place: string;
  readonly hook_id: string;
  readonly received_at_ms: string;
  readonly body: Buffer;
}

const TABLES = { f: 'failed_event', p: 'parked_delivery' } as const;
type Kind = keyof typeof TABLES;

export function createPutAside(database: Database, schema: string): PutAside {
  /** Ids grow, so that a page goes on in the right place though the one before is gone. */
  async function readPage<Row extends { readonly place: string }, Item>(
    kind: Kind,
    page: PageOptions = {},
    toItem: (row: Row) => Item,
  ): Promise<Page<Item>> {
    const limit = pageLimit(page);
    const { after } = page;
    const start = after === undefined ? { kind, place: '0' } : readId(after);
    if (start?.kind !== kind) {
      throw new HookshakeError('invalid_option', '`after` must be the `next` of the page before');
    }
    const { rows } = await database.query<Row>(
      `SELECT * FROM ${schema}.${TABLES[kind]} WHERE place > $1 ORDER BY place LIMIT $2`,
      [start.place, limit + 1],
    );
    const shown = rows.slice(0, limit);
    return {
      items: shown.map(toItem),
      next: rows.length > limit ? `${kind}${shown.at(-1)?.place}` : undefined,
    };
  }

  return {
    async addFailed(run, event, attempts, reason) {
      await run(
        `INSERT INTO ${schema}.failed_event (hook_id, event, attempts, reason) VALUES ($1, $2, $3, $4)`,
        [event.hookId, JSON.stringify(event), attempts, reason],
      );
    },

    async addParked(run, places) {
      if (places.length === 0) return;
      await run(
        `INSERT INTO ${schema}.parked_delivery (${DELIVERY})
         SELECT ${DELIVERY} FROM ${schema}.delivery WHERE place = ANY ($1::bigint[]) ORDER BY place`,
        [places],
      );
    },

    failed: (page) => readPage('f', page, toFailed),
    parked: (page) => readPage('p', page, toParked),

    async retry(run, jobs, id) {
      const { kind, place } = readId(id) ?? {};
      if (kind === 'f') {
        const { rows } = await run<{ event: string }>(
          `DELETE FROM ${schema}.failed_event WHERE place = $1 RETURNING event`,
          [place],
        );
        await jobs.insert(
          run,
          rows.map(({ event }) => JSON.parse(event) as InboxEvent),
        );
      }
      if (kind === 'p') {
        await run(
          `WITH parked AS (DELETE FROM ${schema}.parked_delivery WHERE place = $1 RETURNING ${DELIVERY})
           INSERT INTO ${schema}.delivery (${DELIVERY}) SELECT ${DELIVERY} FROM parked`,
          [place],
        );
      }
    },

    async discard(id) {
      const { kind, place } = readId(id) ?? {};
      if (kind !== undefined) {
        await database.transaction((run) =>
          run(`DELETE FROM ${schema}.${TABLES[kind]} WHERE place = $1`, [place]),
        );
      }
    },
  };
}

function readId(id: string): { readonly kind: Kind; readonly place: string } | undefined {
  const [, kind, place] = /^([fp])(\d{1,18})$/.exec(id) ?? [];
  return place === undefined ? undefined : { kind: kind as Kind, place };
}

function toFailed({ place, event, attempts, reason, failed_at }: FailedRow): FailedEvent {
  const { hookId, key, name, json } = JSON.parse(event) as InboxEvent;
  return { id: `f${place}`, hookId, key, name, json, attempts, failedAt: failed_at, reason };
}

function toParked({ place, hook_id, received_at_ms, body }: ParkedRow): ParkedDelivery {
  return { id: `p${place}`, hookId: hook_id, receivedAt: new Date(Number(received_at_ms)), body };
}
