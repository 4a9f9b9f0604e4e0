import { type InboxEvent, type RawDelivery, SEEN_MS } from '@hookshake/core';
import { type Database, prepare, type Row, type Statement, type Value } from './driver.js';

/** An event that waits for a try or is being tried. */
export interface QueuedEvent {
  readonly seq: number;
  readonly event: InboxEvent;
  readonly failures: number;
  readonly failingSince: number | undefined;
  readonly crashes: number;
}

/** What the rows of the inbox are for. All of it is synchronous; what belongs together is called in one transaction. */
export interface InboxRows {
  /**
   * Deliveries that are not split, and events, those that are being tried included. Deliveries leave in the order in
   * which they came, so their first and last number tell how many they are; those that `forget` took out of the middle
   * are counted until the ones before them are split.
   */
  waiting(): number;
  running(): number;
  failedCount(): number;
  parkedCount(): number;
  /** Since when the oldest of what is due has been so. */
  oldestSince(time: number): number | undefined;

  /** All of them or none: one statement is a transaction of its own. */
  addDeliveries(deliveries: readonly RawDelivery[], time: number): void;
  /** The delivery that was accepted first, taken out. */
  takeDelivery(): RawDelivery | undefined;
  park(delivery: RawDelivery): void;
  /** Whether this is the first time within seven days. */
  markSeen(event: InboxEvent, time: number): boolean;
  /** Drops some of what was seen more than seven days ago. */
  dropOldSeen(time: number): void;

  addEvent(event: InboxEvent, time: number): void;
  /** Whether a worker would find something to do. */
  hasWork(time: number): boolean;
  /** When the next event is due that is not being tried; `Infinity` when there is none. */
  nextDueAt(): number;
  /** Events that are due, each the first of its lane, which the holder has from now on. */
  claim(holder: string, limit: number, time: number): readonly QueuedEvent[];
  /** Whether the holder still has it from the same claim: each lease that runs out counts as a crash. */
  holds(one: QueuedEvent, holder: string): boolean;
  heldBy(holder: string): readonly QueuedEvent[];
  release(seq: number, dueAt: number): void;
  noteFailure(seq: number, failures: number, failingSince: number): void;
  noteCrash(seq: number): void;
  /** Done with: the next event of the lane is the first now. */
  remove(one: QueuedEvent): void;
  addFailed(event: InboxEvent, attempts: number, time: number, reason: string): void;

  /** Begins a lease or renews it. */
  renew(holder: string, expiresAt: number): void;
  dropHolder(holder: string): void;
  /** Those whose lease has run out, and those that have none though they hold something. */
  expiredHolders(time: number): readonly string[];

  failedAfter(seq: number, limit: number): readonly Row[];
  parkedAfter(seq: number, limit: number): readonly Row[];
  takeFailed(seq: number): InboxEvent | undefined;
  takeParked(seq: number): RawDelivery | undefined;
  forget(hookId: string): void;
}

const DELIVERY = 'id, hook, received_at, traceparent, body';
const EVENT = 'delivery, hook, received_at, traceparent, key, lane, name, json';
/** Node 22 binds NULL for an empty blob that it has read. */
const BODY = "coalesce(?, x'')";
const DUE = 'head = 1 AND holder IS NULL';
const OLD_SEEN_AT_ONCE = 500;

export function createInboxRows(database: Database): InboxRows {
  const sql = (text: string) => prepare(database, text);
  const statements = {
    waiting: sql(
      'SELECT events + ifnull((SELECT max(seq) FROM deliveries) - (SELECT min(seq) FROM deliveries) + 1, 0) AS value ' +
        'FROM figures',
    ),
    running: sql('SELECT count(*) AS value FROM events WHERE holder IS NOT NULL'),
    failedCount: sql('SELECT count(*) AS value FROM failed'),
    parkedCount: sql('SELECT count(*) AS value FROM parked'),
    oldestDelivery: sql('SELECT since AS value FROM deliveries ORDER BY seq LIMIT 1'),
    nextDueAt: sql(`SELECT min(due_at) AS value FROM events WHERE ${DUE}`),

    firstDelivery: sql(`SELECT seq, ${DELIVERY} FROM deliveries ORDER BY seq LIMIT 1`),
    dropDelivery: sql('DELETE FROM deliveries WHERE seq = ?'),
    park: sql(`INSERT INTO parked (${DELIVERY}) VALUES (?, ?, ?, ?, ${BODY})`),
    markSeen: sql(
      'INSERT INTO seen (hook, key, at) VALUES (?, ?, ?) ' +
        'ON CONFLICT (hook, key) DO UPDATE SET at = excluded.at WHERE at <= ?',
    ),
    dropOldSeen: sql(
      'DELETE FROM seen WHERE (hook, key) IN ' +
        `(SELECT hook, key FROM seen WHERE at <= ? ORDER BY at LIMIT ${OLD_SEEN_AT_ONCE})`,
    ),

    addEvent: sql(
      `INSERT INTO events (${EVENT}, due_at, head) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ` +
        'NOT EXISTS (SELECT 1 FROM events WHERE hook = ? AND lane = ?))',
    ),
    due: sql(
      `SELECT seq, ${EVENT}, failures, failing_since, crashes FROM events ` +
        `WHERE ${DUE} AND due_at <= ? ORDER BY due_at, seq LIMIT ?`,
    ),
    hold: sql('UPDATE events SET holder = ? WHERE seq = ?'),
    holds: sql('SELECT 1 FROM events WHERE seq = ? AND holder = ? AND crashes = ?'),
    heldBy: sql(`SELECT seq, ${EVENT}, failures, failing_since, crashes FROM events WHERE holder = ?`),
    release: sql('UPDATE events SET holder = NULL, due_at = ? WHERE seq = ?'),
    noteFailure: sql('UPDATE events SET failures = ?, failing_since = ? WHERE seq = ?'),
    noteCrash: sql('UPDATE events SET crashes = crashes + 1 WHERE seq = ?'),
    dropEvent: sql('DELETE FROM events WHERE seq = ?'),
    promote: sql(
      'UPDATE events SET head = 1 WHERE seq = (SELECT min(seq) FROM events WHERE hook = ? AND lane = ?)',
    ),
    addFailed: sql(
      `INSERT INTO failed (${EVENT}, attempts, failed_at, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),

    renew: sql(
      'INSERT INTO holders (id, expires_at) VALUES (?, ?) ' +
        'ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at',
    ),
    dropHolder: sql('DELETE FROM holders WHERE id = ?'),
    expiredHolders: sql(
      'SELECT id FROM holders WHERE expires_at <= ? UNION ' +
        'SELECT holder FROM events WHERE holder IS NOT NULL AND holder NOT IN (SELECT id FROM holders)',
    ),

    failedAfter: sql('SELECT * FROM failed WHERE seq > ? ORDER BY seq LIMIT ?'),
    parkedAfter: sql('SELECT * FROM parked WHERE seq > ? ORDER BY seq LIMIT ?'),
    failed: sql(`SELECT ${EVENT} FROM failed WHERE seq = ?`),
    dropFailed: sql('DELETE FROM failed WHERE seq = ?'),
    parked: sql(`SELECT ${DELIVERY} FROM parked WHERE seq = ?`),
    dropParked: sql('DELETE FROM parked WHERE seq = ?'),
    forget: ['deliveries', 'parked', 'events', 'failed', 'seen'].map((table) =>
      sql(`DELETE FROM ${table} WHERE hook = ?`),
    ),
  };

  /** By how many deliveries they add. */
  const addDeliveries: Statement[] = [];

  const numberOf = (statement: { get(): unknown }) => Number((statement.get() as Row)['value']);

  function deliveryValues({ id, hookId, receivedAtMs, traceparent, body }: RawDelivery) {
    return [id, hookId, receivedAtMs, traceparent ?? null, body] as const;
  }

  function eventValues(event: InboxEvent) {
    const { deliveryId, hookId, receivedAtMs, traceparent, key, lane, name, json } = event;
    return [deliveryId, hookId, receivedAtMs, traceparent ?? null, key, lane, name, json] as const;
  }

  return {
    waiting: () => numberOf(statements.waiting),
    running: () => numberOf(statements.running),
    failedCount: () => numberOf(statements.failedCount),
    parkedCount: () => numberOf(statements.parkedCount),

    oldestSince(time) {
      const delivery = (statements.oldestDelivery.get() as Row | undefined)?.['value'];
      const dueAt = (statements.nextDueAt.get() as Row)['value'];
      const all = [delivery, dueAt].filter((one) => typeof one === 'number' && one <= time) as number[];
      return all.length === 0 ? undefined : Math.min(...all);
    },

    addDeliveries(deliveries, time) {
      const count = deliveries.length;
      if (count === 0) return;
      addDeliveries[count] ??= sql(
        `INSERT INTO deliveries (${DELIVERY}, since) VALUES ${Array(count).fill(`(?, ?, ?, ?, ${BODY}, ?)`).join(', ')}`,
      );
      const values: Value[] = [];
      for (const delivery of deliveries) values.push(...deliveryValues(delivery), time);
      addDeliveries[count].run(...values);
    },

    takeDelivery() {
      const row = statements.firstDelivery.get() as Row | undefined;
      if (row === undefined) return undefined;
      statements.dropDelivery.run(row['seq'] as number);
      return toDelivery(row);
    },

    park: (delivery) => void statements.park.run(...deliveryValues(delivery)),

    markSeen({ hookId, key }, time) {
      const { changes } = statements.markSeen.run(hookId, key, time, time - SEEN_MS) as { changes: number };
      return Number(changes) > 0;
    },

    dropOldSeen: (time) => void statements.dropOldSeen.run(time - SEEN_MS),

    addEvent: (event, time) =>
      void statements.addEvent.run(...eventValues(event), time, event.hookId, event.lane),

    hasWork: (time) =>
      statements.due.get(time, 1) !== undefined || statements.oldestDelivery.get() !== undefined,

    nextDueAt() {
      const { value } = statements.nextDueAt.get() as Row;
      return value === null ? Number.POSITIVE_INFINITY : Number(value);
    },

    claim(holder, limit, time) {
      const found = (statements.due.all(time, limit) as Row[]).map(toQueued);
      for (const { seq } of found) statements.hold.run(holder, seq);
      return found;
    },

    holds: ({ seq, crashes }, holder) => statements.holds.get(seq, holder, crashes) !== undefined,
    heldBy: (holder) => (statements.heldBy.all(holder) as Row[]).map(toQueued),
    release: (seq, dueAt) => void statements.release.run(Math.ceil(dueAt), seq),
    noteFailure: (seq, failures, since) => void statements.noteFailure.run(failures, since, seq),
    noteCrash: (seq) => void statements.noteCrash.run(seq),

    remove({ seq, event: { hookId, lane } }) {
      statements.dropEvent.run(seq);
      statements.promote.run(hookId, lane);
    },

    addFailed: (event, attempts, time, reason) =>
      void statements.addFailed.run(...eventValues(event), attempts, time, reason),

    renew: (holder, expiresAt) => void statements.renew.run(holder, expiresAt),
    dropHolder: (holder) => void statements.dropHolder.run(holder),
    expiredHolders: (time) => (statements.expiredHolders.all(time) as Row[]).map(({ id }) => id as string),

    failedAfter: (seq, limit) => statements.failedAfter.all(seq, limit) as Row[],
    parkedAfter: (seq, limit) => statements.parkedAfter.all(seq, limit) as Row[],

    takeFailed(seq) {
      const row = statements.failed.get(seq) as Row | undefined;
      statements.dropFailed.run(seq);
      return row && toEvent(row);
    },

    takeParked(seq) {
      const row = statements.parked.get(seq) as Row | undefined;
      statements.dropParked.run(seq);
      return row && toDelivery(row);
    },

    forget(hookId) {
      for (const statement of statements.forget) statement.run(hookId);
    },
  };
}

function toDelivery(row: Row): RawDelivery {
  return {
    id: row['id'] as string,
    hookId: row['hook'] as string,
    receivedAtMs: row['received_at'] as number,
    body: row['body'] as Uint8Array,
    traceparent: (row['traceparent'] as string | null) ?? undefined,
  };
}

function toEvent(row: Row): InboxEvent {
  return {
    deliveryId: row['delivery'] as string,
    hookId: row['hook'] as string,
    receivedAtMs: row['received_at'] as number,
    traceparent: (row['traceparent'] as string | null) ?? undefined,
    key: row['key'] as string,
    lane: row['lane'] as string,
    name: row['name'] as string,
    json: row['json'] as string,
  };
}

function toQueued(row: Row): QueuedEvent {
  return {
    seq: row['seq'] as number,
    event: toEvent(row),
    failures: row['failures'] as number,
    failingSince: (row['failing_since'] as number | null) ?? undefined,
    crashes: row['crashes'] as number,
  };
}
