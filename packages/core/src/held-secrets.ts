import type { Deadline } from './deadline.js';
import { fromStore, isPromiseLike, oddAnswer } from './from-store.js';
import { HookshakeError } from './hookshake-error.js';
import { putLast } from './put-last.js';
import type { Awaitable, SecretStore, StoredSecret } from './secret-store.js';

/**
 * How long a list is remembered, in milliseconds. With the second that an upload may take before it is looked up again, a
 * secret that another process forgot verifies for 5 seconds at most.
 */
const REMEMBERED_MS = 4_000;
/** A look-up that takes longer is not waited for by those who ask anew, in milliseconds. */
const SHARED_MS = 5_000;
/** A list that fails to verify is looked up anew, but not more often than this for one hook, in milliseconds. */
const RECHECK_MS = 1_000;
const MAX_REMEMBERED_HOOKS = 10_000;
/** Look-ups at once for hooks that were never found, since strangers may make up any number of them. */
const MAX_WAITING = 1_000;

/** The secrets of the hooks, looked up in the store, or remembered for a moment where the store allows that. */
export interface HeldSecrets {
  find(hookId: string, deadline: Deadline): Awaitable<readonly StoredSecret[]>;
  /** A newer list than this one, which verified nothing; `undefined` where looking again is of no use. */
  findNewer(
    hookId: string,
    held: readonly StoredSecret[],
    deadline: Deadline,
  ): Promise<readonly StoredSecret[] | undefined>;
  /** Some secret was forgotten: what was found before counts no more. */
  forgotten(): void;
  /** Grows with each time that some secret was forgotten. */
  readonly timesForgotten: number;
}

interface Remembered {
  readonly held: readonly StoredSecret[];
  readonly since: number;
}

interface LookUp {
  readonly since: number;
  readonly answer: Promise<readonly StoredSecret[]>;
}

/** Misses are never remembered, nor are pending secrets: who waits for one of them may not wait longer. */
export function createHeldSecrets(store: SecretStore): HeldSecrets {
  const remembered = new Map<string, Remembered>();
  /** Hooks that have had secrets since this process began: no stranger made them up. */
  const found = new Map<string, true>();
  const rechecked = new Map<string, number>();
  const underWay = new Map<string, LookUp>();
  let timesForgotten = 0;
  let waiting = 0;

  /** Whoever asks for a hook while it is being looked up shares the answer. */
  function lookUp(hookId: string): Promise<readonly StoredSecret[]> {
    const begun = underWay.get(hookId);
    if (begun !== undefined && performance.now() - begun.since < SHARED_MS) return begun.answer;
    const look: LookUp = {
      since: performance.now(),
      answer: ask(hookId).finally(() => {
        if (underWay.get(hookId) === look) underWay.delete(hookId);
      }),
    };
    underWay.set(hookId, look);
    return look.answer;
  }

  /** Asks until nothing was forgotten meanwhile. */
  async function ask(hookId: string): Promise<readonly StoredSecret[]> {
    for (;;) {
      const timesBefore = timesForgotten;
      const since = performance.now();
      const held = await listOf(store.find(hookId));
      if (timesBefore !== timesForgotten) continue;
      remembered.delete(hookId);
      const lasts = held.length > 0 && !held.some(({ pending }) => pending);
      if (lasts) putLast(remembered, hookId, { held, since }, MAX_REMEMBERED_HOOKS);
      return held;
    }
  }

  async function waitFor(hookId: string, answer: PromiseLike<readonly StoredSecret[]>) {
    waiting++;
    try {
      const held = await answer;
      if (held.length > 0) putLast(found, hookId, true, MAX_REMEMBERED_HOOKS);
      return held;
    } finally {
      waiting--;
    }
  }

  function mayRecheck(hookId: string): boolean {
    const before = rechecked.get(hookId);
    if (before !== undefined && performance.now() - before < RECHECK_MS) return false;
    putLast(rechecked, hookId, performance.now(), MAX_REMEMBERED_HOOKS);
    return true;
  }

  return {
    get timesForgotten() {
      return timesForgotten;
    },

    find(hookId, deadline) {
      const known = remembered.get(hookId);
      if (known !== undefined && performance.now() - known.since < REMEMBERED_MS) return known.held;
      const isKnown = found.has(hookId) || underWay.has(hookId);
      if (!isKnown && waiting >= MAX_WAITING) {
        throw new HookshakeError('overloaded', 'Too many hooks are being looked up that are not known');
      }
      const answer = fromStore(
        () => (store.cacheable ? lookUp(hookId) : listOf(store.find(hookId))),
        deadline,
      );
      return isKnown || !isPromiseLike(answer) ? answer : waitFor(hookId, answer);
    },

    async findNewer(hookId, held, deadline) {
      const known = remembered.get(hookId);
      if (known === undefined) return undefined;
      if (known.held !== held) return known.held;
      return underWay.has(hookId) || mayRecheck(hookId)
        ? await fromStore(() => lookUp(hookId), deadline)
        : undefined;
    },

    forgotten() {
      timesForgotten++;
      remembered.clear();
    },
  };
}

/** What a store found. One of somebody's own may answer `undefined` for a hook that it does not know, as a `Map` does. */
function listOf(found: Awaitable<readonly StoredSecret[]>): Awaitable<readonly StoredSecret[]> {
  if (Array.isArray(found) && found.every(isSecret)) return found;
  if (isPromiseLike(found)) return found.then(listOf);
  throw oddAnswer('find()', 'a list of { secret }, and [] for a hook that it does not know');
}

function isSecret(entry: unknown): boolean {
  return typeof (entry as Partial<StoredSecret> | null | undefined)?.secret === 'string';
}
