import type { Durability, Notice } from '@hookshake/core';
import type { Database } from './database.js';
import { assertMigrated } from './migrate.js';

/** What is asked of the server once, before it is used. */
export interface ServerCheck {
  /** Resolves once the tables are known to be there. @throws HookshakeError `not_migrated`, `store_unusable`. */
  ready(): Promise<void>;
  /** `'power'`, until the server turns out to be set to less. */
  durability(): Durability;
  /** Whether a statement that is in no transaction of ours is isolated so strictly that others can make it fail. */
  strict(): boolean;
}

interface Settings {
  readonly fsync: string;
  readonly full_page_writes: string;
  readonly synchronous_commit: string;
  readonly transaction_isolation: string;
}

export function createServerCheck(database: Database, schema: string, notice: Notice): ServerCheck {
  let durability: Durability = 'power';
  let strict = false;
  let checking: Promise<void> | undefined;

  async function check(): Promise<void> {
    await assertMigrated(database, schema);
    const { rows } = await database.query<Settings>(
      `SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
              current_setting('synchronous_commit') AS synchronous_commit,
              current_setting('transaction_isolation') AS transaction_isolation`,
    );
    const [settings] = rows;
    if (settings === undefined) return;
    const [level, name] = judge(settings);
    durability = level;
    strict = settings.transaction_isolation !== 'read committed';
    if (name === undefined) return;
    notice(
      'warn',
      'postgres_not_durable',
      '',
      `PostgreSQL is set to ${name} = off: what was answered 200 does not survive ` +
        `${level === 'process' ? 'a crash of the server' : 'a power cut'}. Set it to on`,
    );
  }

  return {
    // A failure is not remembered: the next use asks again.
    ready() {
      checking ??= check().catch((error) => {
        checking = undefined;
        throw error;
      });
      return checking;
    },
    durability: () => durability,
    strict: () => strict,
  };
}

function judge(settings: Settings): [Durability, (keyof Settings)?] {
  if (settings.synchronous_commit === 'off') return ['process', 'synchronous_commit'];
  if (settings.fsync === 'off') return ['server', 'fsync'];
  if (settings.full_page_writes === 'off') return ['server', 'full_page_writes'];
  return ['power'];
}
