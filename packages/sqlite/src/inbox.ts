import {
  type FailedEvent,
  HookshakeError,
  type Inbox,
  type Page,
  type PageOptions,
  type ParkedDelivery,
  pageLimit,
} from '@hookshake/core';
import { createAppending } from './appending.js';
import { whenFree } from './busy.js';
import { type Database, prepare, type Row } from './driver.js';
import { createInboxRows } from './inbox-rows.js';
import { createTransaction } from './transaction.js';
import { createWorking } from './working.js';

/** An inbox whose connection has an end. */
export interface ClosingInbox extends Inbox {
  /** Writes what was appended. Workers that have not been stopped end as in a crash. */
  end(): Promise<void>;
}

export function createInbox(
  database: Database,
  {
    now,
    maxWaiting,
    assertPresent,
  }: { readonly now: () => number; readonly maxWaiting: number; readonly assertPresent: () => void },
): ClosingInbox {
  const rows = createInboxRows(database);
  const read = createTransaction(database, 'deferred');
  const write = createTransaction(database, 'immediate', assertPresent);
  const version = prepare(database, 'PRAGMA data_version');
  let lastVersion: unknown;

  function writeWhenFree(work: () => unknown): Promise<unknown> {
    return whenFree(() => write(work));
  }

  const working = createWorking(rows, write, {
    now,
    changedByOthers() {
      const { data_version: found } = version.get() as Row;
      const changed = found !== lastVersion;
      lastVersion = found;
      return changed;
    },
  });
  const appending = createAppending(rows, { maxWaiting, now, assertPresent, appended: working.wake });

  return {
    durability: 'power',
    ordered: true,
    append: appending.append,
    consume: working.consume,

    async failed(options) {
      return pageOf(options, 'f', rows.failedAfter, toFailed);
    },

    async parked(options) {
      return pageOf(options, 'p', rows.parkedAfter, toParked);
    },

    async retry(id) {
      const { kind, seq } = readId(id);
      await writeWhenFree(() => {
        const event = kind === 'f' ? rows.takeFailed(seq) : undefined;
        if (event !== undefined) rows.addEvent(event, now());
        const delivery = kind === 'p' ? rows.takeParked(seq) : undefined;
        if (delivery !== undefined) rows.addDeliveries([delivery], now());
      });
      working.wake();
    },

    async discard(id) {
      const { kind, seq } = readId(id);
      if (kind === 'f') await writeWhenFree(() => rows.takeFailed(seq));
      if (kind === 'p') await writeWhenFree(() => rows.takeParked(seq));
    },

    async forget(hookId) {
      await writeWhenFree(() => rows.forget(hookId));
    },

    async stats() {
      const time = now();
      return read(() => {
        const running = rows.running();
        return {
          waiting: rows.waiting() - running,
          running,
          failed: rows.failedCount(),
          parked: rows.parkedCount(),
          oldestAgeMs: time - (rows.oldestSince(time) ?? time),
        };
      });
    },

    async end() {
      working.abandon();
      await appending.flush();
    },
  };
}

/** The lists have ids of their own that grow, so that a page goes on in the right place though the one before is gone. */
function pageOf<Item extends { readonly id: string }>(
  page: PageOptions = {},
  kind: 'f' | 'p',
  rowsAfter: (seq: number, limit: number) => readonly Row[],
  toItem: (row: Row) => Item,
): Page<Item> {
  const limit = pageLimit(page);
  const { after } = page;
  const start = after === undefined ? { kind, seq: 0 } : readId(after);
  if (start.kind !== kind) {
    throw new HookshakeError('invalid_option', '`after` must be the `next` of the page before');
  }
  const found = rowsAfter(start.seq, limit + 1);
  const items = found.slice(0, limit).map(toItem);
  return { items, next: found.length > limit ? items.at(-1)?.id : undefined };
}

function readId(id: string): { readonly kind: string | undefined; readonly seq: number } {
  const [, kind, digits] = /^([fp])(\d{1,15})$/.exec(id) ?? [];
  return { kind, seq: Number(digits) };
}

function toFailed(row: Row): FailedEvent {
  return {
    id: `f${row['seq']}`,
    hookId: row['hook'] as string,
    key: row['key'] as string,
    name: row['name'] as string,
    json: row['json'] as string,
    attempts: row['attempts'] as number,
    failedAt: new Date(row['failed_at'] as number),
    reason: row['reason'] as string,
  };
}

function toParked(row: Row): ParkedDelivery {
  return {
    id: `p${row['seq']}`,
    hookId: row['hook'] as string,
    receivedAt: new Date(row['received_at'] as number),
    body: row['body'] as Uint8Array,
  };
}
