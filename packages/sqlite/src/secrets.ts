import { randomUUID } from 'node:crypto';
import {
  type AcceptWhen,
  MAX_SECRETS_PER_HOOK,
  PENDING_MS,
  type SecretStore,
  type StoredSecret,
  secretsEqual,
} from '@hookshake/core';
import { whenFree } from './busy.js';
import { type Database, prepare } from './driver.js';
import { createTransaction } from './transaction.js';

interface SecretRow {
  readonly seq: number;
  readonly secret: string;
  readonly webhook: string | null;
  readonly window: string | null;
}

interface WindowRow {
  readonly id: string;
  readonly confirm: number;
}

/** The secrets and windows in a database. Those operations that decide and write are one transaction. */
export function createSecrets(
  database: Database,
  { now, assertPresent }: { readonly now: () => number; readonly assertPresent: () => void },
): SecretStore {
  // What is forgotten is overwritten in the file.
  database.exec('PRAGMA secure_delete = ON');
  const read = createTransaction(database, 'deferred');
  const transaction = createTransaction(database, 'immediate', assertPresent);
  const sql = {
    secrets: prepare(
      database,
      'SELECT seq, secret, webhook, window FROM secrets ' +
        'WHERE hook = ? AND (expires_at IS NULL OR expires_at > ?) ORDER BY seq',
    ),
    window: prepare(database, 'SELECT id, confirm FROM windows WHERE hook = ? AND expires_at > ?'),
    addSecret: prepare(
      database,
      'INSERT INTO secrets (hook, secret, window, expires_at) VALUES (?, ?, ?, ?)',
    ),
    confirm: prepare(
      database,
      'UPDATE secrets SET webhook = ?, window = NULL, expires_at = NULL WHERE seq = ?',
    ),
    dropSecret: prepare(database, 'DELETE FROM secrets WHERE seq = ?'),
    dropWebhook: prepare(database, 'DELETE FROM secrets WHERE hook = ? AND webhook = ?'),
    dropHook: prepare(database, 'DELETE FROM secrets WHERE hook = ?'),
    expireSecrets: prepare(database, 'DELETE FROM secrets WHERE expires_at <= ?'),
    addWindow: prepare(database, 'INSERT INTO windows (hook, id, expires_at, confirm) VALUES (?, ?, ?, ?)'),
    closeWindow: prepare(database, 'DELETE FROM windows WHERE hook = ?'),
    endWindow: prepare(database, 'DELETE FROM windows WHERE hook = ? AND id = ?'),
    expireWindows: prepare(database, 'DELETE FROM windows WHERE expires_at <= ?'),
  };

  function write<T>(work: () => T): Promise<T> {
    return whenFree(() => transaction(work));
  }

  const secretsOf = (hookId: string) => sql.secrets.all(hookId, now()) as SecretRow[];

  function sweep(): void {
    sql.expireSecrets.run(now());
    sql.expireWindows.run(now());
  }

  function judge(hookId: string, secret: string, when: AcceptWhen) {
    const all = secretsOf(hookId);
    if (all.some((one) => secretsEqual(one.secret, secret))) return 'known';
    const window = sql.window.get(hookId, now()) as WindowRow | undefined;
    const allowed = window !== undefined || when === 'always' || (when === 'absent' && all.length === 0);
    if (!allowed) return 'refused';
    return all.length >= MAX_SECRETS_PER_HOOK ? 'full' : { window };
  }

  return {
    durability: 'power',
    cacheable: true,

    find(hookId) {
      assertPresent();
      return secretsOf(hookId).map(toStored);
    },

    open(hookId, { withinMs, confirm }) {
      return write(() => {
        sweep();
        if (sql.window.get(hookId, now()) !== undefined) return undefined;
        const id = randomUUID();
        sql.addWindow.run(hookId, id, now() + withinMs, confirm ? 1 : 0);
        return id;
      });
    },

    async accept(hookId, secret, when) {
      // Anyone can send a handshake, so one that changes nothing must not take the write lock.
      const first = read(() => judge(hookId, secret, when));
      if (typeof first === 'string') return first;

      return write(() => {
        const verdict = judge(hookId, secret, when);
        if (typeof verdict === 'string') return verdict;
        const { window } = verdict;
        sql.closeWindow.run(hookId);
        if (window?.confirm === 1) sql.addSecret.run(hookId, secret, window.id, now() + PENDING_MS);
        else sql.addSecret.run(hookId, secret, null, null);
        return 'stored';
      });
    },

    settle(hookId, windowId, secret, details) {
      return write(() => {
        sweep();
        sql.endWindow.run(hookId, windowId);
        const pending = secretsOf(hookId).find((one) => one.window === windowId);
        if (pending === undefined) return 'none';
        if (secret === null || !secretsEqual(pending.secret, secret)) {
          sql.dropSecret.run(pending.seq);
          return 'mismatch';
        }
        sql.confirm.run(details?.webhook ?? null, pending.seq);
        return 'confirmed';
      });
    },

    async forget(hookId, which) {
      await write(() => {
        sweep();
        if (which === undefined) {
          sql.dropHook.run(hookId);
          sql.closeWindow.run(hookId);
        } else if ('webhook' in which) {
          sql.dropWebhook.run(hookId, which.webhook);
        } else {
          for (const one of secretsOf(hookId)) {
            if (secretsEqual(one.secret, which.secret)) sql.dropSecret.run(one.seq);
          }
        }
      });
    },
  };
}

function toStored({ secret, webhook, window }: SecretRow): StoredSecret {
  return {
    secret,
    ...(webhook !== null && { webhook }),
    ...(window !== null && { pending: true }),
  };
}
