import { randomUUID } from 'node:crypto';
import {
  type AcceptResult,
  type Durability,
  MAX_SECRETS_PER_HOOK,
  PENDING_MS,
  type SecretStore,
  type SettleResult,
  type StoredSecret,
} from '@hookshake/core';
import type { Connection } from './connection.js';
import { keyOf } from './keys.js';
import type { Script } from './script.js';
import { acceptScript, findScript, forgetOneScript, openScript, settleScript } from './secret-scripts.js';

interface Held {
  readonly secret: string;
  readonly webhook?: string;
  readonly expiresAt?: number;
}

/** Secrets and windows in Redis: one key for each hook, each operation one script. */
export function createSecrets(
  connection: Connection,
  prefix: string,
  readDurability: () => Durability,
): SecretStore {
  const keyOfHook = (hookId: string) => keyOf(prefix, 'hook', hookId);

  function run(script: Script, hookId: string, ...args: (string | number)[]): Promise<unknown> {
    return connection.ask((client) => script(client, [keyOfHook(hookId)], args));
  }

  return {
    get durability() {
      return readDurability();
    },
    cacheable: true,

    async find(hookId): Promise<readonly StoredSecret[]> {
      const [text, time] = (await run(findScript, hookId)) as [string | null, [string, string]];
      if (text === null) return [];
      const now = Number(time[0]) * 1_000 + Math.floor(Number(time[1]) / 1_000);
      const { secrets } = JSON.parse(text) as { secrets: readonly Held[] | Record<string, never> };
      // Redis writes an empty list as {}.
      if (!Array.isArray(secrets)) return [];
      return (secrets as readonly Held[])
        .filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now)
        .map(({ secret, webhook, expiresAt }) => ({
          secret,
          ...(webhook !== undefined && { webhook }),
          ...(expiresAt !== undefined && { pending: true as const }),
        }));
    },

    async open(hookId, { withinMs, confirm }) {
      const windowId = randomUUID();
      const opened = await run(openScript, hookId, windowId, withinMs, confirm ? '1' : '0');
      return opened === 1 ? windowId : undefined;
    },

    async accept(hookId, secret, when) {
      return (await run(
        acceptScript,
        hookId,
        secret,
        when,
        MAX_SECRETS_PER_HOOK,
        PENDING_MS,
      )) as AcceptResult;
    },

    async settle(hookId, windowId, secret, details) {
      const asked = { windowId, secret: secret ?? undefined, webhook: details?.webhook };
      return (await run(settleScript, hookId, JSON.stringify(asked))) as SettleResult;
    },

    async forget(hookId, which) {
      if (which === undefined) await connection.ask((client) => client.del(keyOfHook(hookId)));
      else if ('secret' in which) await run(forgetOneScript, hookId, 'secret', which.secret);
      else await run(forgetOneScript, hookId, 'webhook', which.webhook);
    },
  };
}
