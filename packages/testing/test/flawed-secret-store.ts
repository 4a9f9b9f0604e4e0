import { randomUUID } from 'node:crypto';
import type { AcceptWhen, SecretStore, StoredSecret } from '@hookshake/core';
import type { SecretStoreSetup } from '../src/secret-store-battery.js';

interface Pending {
  readonly windowId: string;
  readonly expiresAt: number;
}

interface Entry {
  readonly secret: string;
  readonly webhook?: string | undefined;
  readonly pending?: Pending | undefined;
}

interface Window {
  readonly id: string;
  readonly expiresAt: number;
  readonly confirm: boolean;
}

interface Row {
  window?: Window | undefined;
  entries: readonly Entry[];
}

/** The decisions of a plain store, each of which a flaw replaces by a wrong one. */
const sound = {
  nameOf: (hookId: string): string => hookId,
  write: (secret: string): string => secret,
  same: (a: string, b: string): boolean => a === b,
  pauseIn: (_operation: 'open' | 'accept' | 'settle'): boolean => false,
  isOver: (expiresAt: number, now: number): boolean => expiresAt <= now,
  isDead: (pending: Pending, now: number): boolean => pending.expiresAt <= now,
  mayReopen: (window: Window | undefined): boolean => window === undefined,
  isAllowed: (when: AcceptWhen, window: Window | undefined, held: readonly Entry[]): boolean =>
    window !== undefined || when === 'always' || (when === 'absent' && held.length === 0),
  takesWindow: (_when: AcceptWhen): boolean => true,
  isFull: (held: readonly Entry[]): boolean => held.length >= 16,
  whenFull: (_held: readonly Entry[]): readonly Entry[] | undefined => undefined,
  onKnown: (row: Row, _known: Entry): Row => row,
  onRefused: (row: Row, _refused: Entry): Row => row,
  onFull: (row: Row): Row => row,
  afterAccept: (_window: Window | undefined): Window | undefined => undefined,
  pendingFrom: (_window: Window, now: number): number => now + 600_000,
  closedBySettle: (window: Window, windowId: string): boolean => window.id === windowId,
  isOwn: (entry: Entry, windowId: string): boolean => entry.pending?.windowId === windowId,
  afterConfirm: (others: readonly Entry[], confirmed: Entry): readonly Entry[] => [...others, confirmed],
  afterMismatch: (others: readonly Entry[], _pending: Entry, _secret: string | null): readonly Entry[] =>
    others,
  labelOf: (webhook: string | undefined): string | undefined => webhook,
  isWebhook: (entry: Entry, webhook: string): boolean => entry.webhook === webhook,
  afterForget: ({ window }: Row, entries: readonly Entry[], all: boolean): Row =>
    all ? { entries } : { window, entries },
};

/** What a flaw may decide otherwise. */
export type Decisions = typeof sound;

/** A store on a clock of its own; sound but for the decisions that the flaw takes otherwise. */
export function createFlawedStore(flaw: Partial<Decisions>): SecretStoreSetup {
  const rules: Decisions = { ...sound, ...flaw };
  const rows = new Map<string, Row>();
  let now = 0;

  function read(hookId: string): Row {
    const { window, entries } = rows.get(rules.nameOf(hookId)) ?? { entries: [] };
    return {
      window: window !== undefined && rules.isOver(window.expiresAt, now) ? undefined : window,
      entries: entries.filter(({ pending }) => pending === undefined || !rules.isDead(pending, now)),
    };
  }

  const write = (hookId: string, row: Row): void => void rows.set(rules.nameOf(hookId), row);

  /** One step, unless a flaw lets other writers in between reading and writing. */
  async function step<Answer>(
    operation: 'open' | 'accept' | 'settle',
    hookId: string,
    decide: (row: Row) => Answer,
  ): Promise<Answer> {
    const row = read(hookId);
    if (rules.pauseIn(operation)) await Promise.resolve();
    return decide(row);
  }

  const store: SecretStore = {
    find: (hookId) =>
      read(hookId).entries.map(
        ({ secret, webhook, pending }): StoredSecret => ({
          secret,
          ...(webhook !== undefined && { webhook }),
          ...(pending !== undefined && { pending: true }),
        }),
      ),

    open: (hookId, { withinMs, confirm }) =>
      step('open', hookId, (row) => {
        if (!rules.mayReopen(row.window)) return undefined;
        const window = { id: randomUUID(), expiresAt: now + withinMs, confirm };
        write(hookId, { ...row, window });
        return window.id;
      }),

    accept: (hookId, text, when) =>
      step('accept', hookId, (row) => {
        const secret = rules.write(text);
        const window = rules.takesWindow(when) ? row.window : undefined;
        const pending = window?.confirm
          ? { windowId: window.id, expiresAt: rules.pendingFrom(window, now) }
          : undefined;
        const added: Entry = { secret, pending };

        const known = row.entries.find((entry) => rules.same(entry.secret, secret));
        if (known !== undefined) {
          write(hookId, rules.onKnown(row, known));
          return 'known';
        }
        if (!rules.isAllowed(when, window, row.entries)) {
          write(hookId, rules.onRefused(row, added));
          return 'refused';
        }
        let room: readonly Entry[] | undefined = row.entries;
        if (rules.isFull(row.entries)) room = rules.whenFull(row.entries);
        if (room === undefined) {
          write(hookId, rules.onFull(row));
          return 'full';
        }
        write(hookId, { window: rules.afterAccept(window), entries: [...room, added] });
        return 'stored';
      }),

    settle: (hookId, windowId, secret, details) =>
      step('settle', hookId, (row) => {
        const closed = row.window !== undefined && rules.closedBySettle(row.window, windowId);
        const window = closed ? undefined : row.window;
        const own = row.entries.find((entry) => rules.isOwn(entry, windowId));
        write(hookId, { ...row, window });
        if (own === undefined) return 'none';
        const others = row.entries.filter((entry) => entry !== own);
        if (secret === null || !rules.same(own.secret, rules.write(secret))) {
          write(hookId, { window, entries: rules.afterMismatch(others, own, secret) });
          return 'mismatch';
        }
        const confirmed = { secret: own.secret, webhook: rules.labelOf(details?.webhook) };
        write(hookId, { window, entries: rules.afterConfirm(others, confirmed) });
        return 'confirmed';
      }),

    forget(hookId, which) {
      const row = read(hookId);
      const named = (entry: Entry): boolean => {
        if (which === undefined) return true;
        return 'secret' in which
          ? rules.same(entry.secret, rules.write(which.secret))
          : rules.isWebhook(entry, which.webhook);
      };
      const entries = row.entries.filter((entry) => !named(entry));
      write(hookId, rules.afterForget(row, entries, which === undefined));
    },
  };
  return {
    store,
    advance(ms) {
      now += ms;
    },
  };
}
