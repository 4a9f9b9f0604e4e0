import { randomUUID } from 'node:crypto';
import {
  type AcceptResult,
  type AcceptWhen,
  MAX_SECRETS_PER_HOOK,
  PENDING_MS,
  type SecretStore,
  type StoredSecret,
  secretsEqual,
} from '@hookshake/core';
import { type Database, lock, type Run } from './database.js';
import type { ServerCheck } from './server-check.js';

interface Held {
  readonly secret: string;
  readonly webhook: string | null;
  /** The window it came through, while it is pending. */
  readonly window_id: string | null;
}

/** A secret of a hook, or none, beside its open window, if there is one. */
interface Row extends Omit<Held, 'secret'> {
  readonly secret: string | null;
  readonly open_id: string | null;
  readonly confirm: boolean | null;
}

/** A hook at one moment of the server's clock. */
interface State {
  readonly held: readonly Held[];
  readonly window: { readonly id: string; readonly confirm: boolean } | undefined;
}

const ALIVE = (table: string) => `(${table}.expires_at IS NULL OR ${table}.expires_at > clock_timestamp())`;
const IN_MS = (parameter: string) => `clock_timestamp() + ${parameter}::float8 * interval '1 ms'`;

/**
 * Secrets and windows in two tables. Who writes to a hook holds its advisory lock until the commit.
 */
export function createSecrets(
  database: Database,
  schema: string,
  { ready, durability }: ServerCheck,
): SecretStore {
  const secretTable = `${schema}.secret`;
  const windowTable = `${schema}.handshake_window`;

  async function read(run: Run, hookId: string): Promise<State> {
    const { rows } = await run<Row>(
      `SELECT secret, webhook, window_id, open.id AS open_id, open.confirm
       FROM (SELECT $1::text AS hook_id) AS hook
       LEFT JOIN ${windowTable} AS open ON open.hook_id = hook.hook_id AND open.expires_at > clock_timestamp()
       LEFT JOIN ${secretTable} AS held ON held.hook_id = hook.hook_id AND ${ALIVE('held')}
       ORDER BY held.place`,
      [hookId],
    );
    const [first] = rows;
    return {
      held: rows.flatMap(({ secret, webhook, window_id }) =>
        secret === null ? [] : { secret, webhook, window_id },
      ),
      window: first?.open_id ? { id: first.open_id, confirm: first.confirm === true } : undefined,
    };
  }

  async function locked<T>(hookId: string, write: (run: Run) => Promise<T>): Promise<T> {
    await ready();
    return await database.transaction(async (run) => {
      await lock(run, `hookshake:${schema}:${hookId}`);
      await run(`DELETE FROM ${secretTable} AS held WHERE hook_id = $1 AND NOT ${ALIVE('held')}`, [hookId]);
      return await write(run);
    });
  }

  return {
    get durability() {
      return durability();
    },
    cacheable: true,

    async find(hookId) {
      await ready();
      const { rows } = await database.query<Held>(
        `SELECT secret, webhook, window_id FROM ${secretTable} AS held
         WHERE hook_id = $1 AND ${ALIVE('held')} ORDER BY place`,
        [hookId],
      );
      return rows.map(
        ({ secret, webhook, window_id }): StoredSecret => ({
          secret,
          ...(webhook !== null && { webhook }),
          ...(window_id !== null && { pending: true }),
        }),
      );
    },

    async open(hookId, { withinMs, confirm }) {
      await ready();
      // First: a window that was opened has to be told of.
      await sweep();
      const id = randomUUID();
      const { rowCount } = await database.transaction((run) =>
        run(
          `INSERT INTO ${windowTable} AS held (hook_id, id, confirm, expires_at) VALUES ($1, $2, $3, ${IN_MS('$4')})
           ON CONFLICT (hook_id) DO UPDATE
           SET id = excluded.id, confirm = excluded.confirm, expires_at = excluded.expires_at
           WHERE held.expires_at <= clock_timestamp()`,
          [hookId, id, confirm, withinMs],
        ),
      );
      return rowCount === 0 ? undefined : id;
    },

    async accept(hookId, secret, when) {
      await ready();
      // Most are refused or known, and neither has to lock anything.
      const expected = decide(await read(database.query, hookId), secret, when);
      if (expected !== 'stored') return expected;

      return await locked(hookId, async (run) => {
        const state = await read(run, hookId);
        const result = decide(state, secret, when);
        if (result !== 'stored') return result;
        const { window } = state;
        await run(`DELETE FROM ${windowTable} WHERE hook_id = $1 AND id = $2`, [hookId, window?.id]);
        const pending = window?.confirm === true ? window.id : null;
        await run(
          `INSERT INTO ${secretTable} (hook_id, secret, window_id, expires_at)
           VALUES ($1, $2, $3, CASE WHEN $3::text IS NOT NULL THEN ${IN_MS('$4')} END)`,
          [hookId, secret, pending, PENDING_MS],
        );
        return result;
      });
    },

    settle: (hookId, windowId, secret, details) =>
      locked(hookId, async (run) => {
        await run(`DELETE FROM ${windowTable} WHERE hook_id = $1 AND id = $2`, [hookId, windowId]);
        const pending = (await read(run, hookId)).held.find((one) => one.window_id === windowId);
        if (pending === undefined) return 'none';
        if (secret === null || !secretsEqual(pending.secret, secret)) {
          await run(`DELETE FROM ${secretTable} WHERE hook_id = $1 AND window_id = $2`, [hookId, windowId]);
          return 'mismatch';
        }
        await run(
          `UPDATE ${secretTable} SET window_id = NULL, expires_at = NULL, webhook = $3, place = DEFAULT
           WHERE hook_id = $1 AND window_id = $2`,
          [hookId, windowId, details?.webhook],
        );
        return 'confirmed';
      }),

    forget: (hookId, which) =>
      locked(hookId, async (run) => {
        if (which === undefined) {
          await run(`DELETE FROM ${windowTable} WHERE hook_id = $1`, [hookId]);
          await run(`DELETE FROM ${secretTable} WHERE hook_id = $1`, [hookId]);
        } else if ('secret' in which) {
          await run(`DELETE FROM ${secretTable} WHERE hook_id = $1 AND secret = $2`, [hookId, which.secret]);
        } else {
          await run(`DELETE FROM ${secretTable} WHERE hook_id = $1 AND webhook = $2`, [
            hookId,
            which.webhook,
          ]);
        }
      }),
  };

  /** What expired on hooks that nobody writes to again, a little at a time; what others hold locked is left to them. */
  async function sweep(): Promise<void> {
    for (const table of [windowTable, secretTable]) {
      await database.transaction((run) =>
        run(
          `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM ${table} WHERE expires_at < clock_timestamp() LIMIT 100 FOR UPDATE SKIP LOCKED
           ))`,
        ),
      );
    }
  }
}

function decide({ held, window }: State, secret: string, when: AcceptWhen): AcceptResult {
  if (held.some((one) => secretsEqual(one.secret, secret))) return 'known';
  const allowed = window !== undefined || when === 'always' || (when === 'absent' && held.length === 0);
  if (!allowed) return 'refused';
  return held.length >= MAX_SECRETS_PER_HOOK ? 'full' : 'stored';
}
