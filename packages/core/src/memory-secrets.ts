import { randomUUID } from 'node:crypto';
import { assertNoOthers } from './option-checks.js';
import {
  type AcceptResult,
  MAX_SECRETS_PER_HOOK,
  PENDING_MS,
  type SecretStore,
  type SettleResult,
  type StoredSecret,
} from './secret-store.js';
import { secretsEqual } from './secrets-equal.js';

/** Options of {@link memorySecrets}. */
export interface MemorySecretsOptions {
  /** The clock, in milliseconds since 1970, for tests that move it. @defaultValue `Date.now` */
  readonly now?: (() => number) | undefined;
}

interface Window {
  readonly id: string;
  readonly expiresAt: number;
  readonly confirm: boolean;
}

interface Held extends StoredSecret {
  /** The window that a pending secret came through, and when the secret dies unless it is confirmed. */
  readonly window?: { readonly id: string; readonly expiresAt: number };
}

/**
 * Secrets in the memory of this process, for tests and first steps. **A restart forgets them**, and Asana never sends
 * a secret twice: every webhook would have to be created anew.
 */
export function memorySecrets(options: MemorySecretsOptions = {}): SecretStore {
  const { now = Date.now, ...unknown } = options;
  assertNoOthers(unknown, 'memorySecrets()');
  const secrets = new Map<string, readonly Held[]>();
  const windows = new Map<string, Window>();

  function held(hookId: string): readonly Held[] {
    const all = secrets.get(hookId);
    if (all === undefined) return [];
    if (!all.some(expired)) return all;
    return keep(
      hookId,
      all.filter((one) => !expired(one)),
    );
  }

  function expired({ window }: Held): boolean {
    return window !== undefined && window.expiresAt <= now();
  }

  function keep(hookId: string, all: readonly Held[]): readonly Held[] {
    if (all.length === 0) secrets.delete(hookId);
    else secrets.set(hookId, all);
    return all;
  }

  function openWindow(hookId: string): Window | undefined {
    const window = windows.get(hookId);
    if (window === undefined || window.expiresAt > now()) return window;
    windows.delete(hookId);
    return undefined;
  }

  return {
    durability: 'none',

    find: held,

    open(hookId, { withinMs, confirm }) {
      for (const other of windows.keys()) openWindow(other);
      if (openWindow(hookId) !== undefined) return undefined;
      const window = { id: randomUUID(), expiresAt: now() + withinMs, confirm };
      windows.set(hookId, window);
      return window.id;
    },

    accept(hookId, secret, when): AcceptResult {
      const all = held(hookId);
      if (all.some((one) => secretsEqual(one.secret, secret))) return 'known';

      const window = openWindow(hookId);
      const allowed = window !== undefined || when === 'always' || (when === 'absent' && all.length === 0);
      if (!allowed) return 'refused';
      if (all.length >= MAX_SECRETS_PER_HOOK) return 'full';

      windows.delete(hookId);
      const one: Held = window?.confirm
        ? { secret, pending: true, window: { id: window.id, expiresAt: now() + PENDING_MS } }
        : { secret };
      // Not spread into a new array: that would leave room for sixteen more, for each of perhaps a million hooks.
      keep(hookId, all.concat(one));
      return 'stored';
    },

    settle(hookId, windowId, secret, details): SettleResult {
      if (windows.get(hookId)?.id === windowId) windows.delete(hookId);

      const all = held(hookId);
      const pending = all.find((one) => one.window?.id === windowId);
      if (pending === undefined) return 'none';

      const others = all.filter((one) => one !== pending);
      if (secret === null || !secretsEqual(pending.secret, secret)) {
        keep(hookId, others);
        return 'mismatch';
      }
      keep(hookId, [...others, { secret: pending.secret, webhook: details?.webhook }]);
      return 'confirmed';
    },

    forget(hookId, which) {
      if (which === undefined) {
        windows.delete(hookId);
        secrets.delete(hookId);
        return;
      }
      const named = (one: Held) =>
        'secret' in which ? secretsEqual(one.secret, which.secret) : one.webhook === which.webhook;
      keep(
        hookId,
        held(hookId).filter((one) => !named(one)),
      );
    },
  };
}
