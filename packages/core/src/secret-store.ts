/** A value, or a promise of it. */
export type Awaitable<T> = T | PromiseLike<T>;

/**
 * What kept data survives: nothing, the end of this process, the end of the database server's process, or a power cut
 * as well.
 */
export type Durability = 'none' | 'process' | 'server' | 'power';

/** One secret of a hook. */
export interface StoredSecret {
  /** 1 to 256 characters of 0x21–0x7E, exactly as Asana sent it; its bytes as text are the HMAC key. */
  readonly secret: string;
  /** The gid of the webhook it belongs to, once known. */
  readonly webhook?: string | undefined;
  /** Set while nobody has confirmed the secret: it then verifies heartbeats only. */
  readonly pending?: true | undefined;
}

/**
 * When a handshake may be stored if no window is open: not at all, if the hook has no secret yet, or in any case.
 * An open window is always taken first.
 */
export type AcceptWhen = 'window' | 'absent' | 'always';

/** What became of a secret that was offered to a store. */
export type AcceptResult = 'stored' | 'known' | 'refused' | 'full';

/** What became of a window that its owner settled. */
export type SettleResult = 'confirmed' | 'mismatch' | 'none';

/** How a window is opened. */
export interface WindowOptions {
  /** How long the window stays open, in milliseconds of the store's clock. */
  readonly withinMs: number;
  /** Whether the secret it takes is pending until {@link SecretStore.settle} confirms it. */
  readonly confirm: boolean;
}

/** A hook holds at most this many secrets, pending ones included. */
export const MAX_SECRETS_PER_HOOK = 16;

/** A pending secret that nobody confirms is forgotten after this time, in milliseconds. */
export const PENDING_MS = 600_000;

/**
 * Where the secrets and the handshake windows live. Five operations; `open`, `accept` and `settle` are each one atomic
 * step, across processes if the store is shared.
 *
 * Prove an implementation with `secretStoreBattery` of `@hookshake/testing`.
 * @see docs/writing-a-store.md
 */
export interface SecretStore {
  /** What the store survives; the receiver warns about `'none'`. Leave it out if you cannot tell. */
  readonly durability?: Durability | undefined;

  /**
   * Whether a receiver may remember for some seconds what `find` answered: for stores where that costs more than a look
   * into memory. A secret that one process forgets then verifies for at most 5 seconds in the others. @defaultValue `false`
   */
  readonly cacheable?: boolean | undefined;

  /**
   * The hook's secrets, pending ones that have not expired included, `[]` when the hook is unknown. Called once for
   * each delivery that carries a well-formed signature, again if its upload takes a second or more; less often if the store
   * is `cacheable`. Rejects when the store cannot answer; it never guesses.
   */
  find(hookId: string): Awaitable<readonly StoredSecret[]>;

  /**
   * Opens the window for one handshake of one hook. Resolves to the window's id, or to `undefined` while one is open.
   */
  open(hookId: string, options: WindowOptions): Awaitable<string | undefined>;

  /**
   * Offers the secret of a handshake, in this order:
   * 1. The hook holds it already: `known`. Nothing is written and no window closes.
   * 2. No window is open and `when` does not allow it without one: `refused`. Nothing is written or locked.
   * 3. The hook holds 16 secrets: `full`. Nothing is written.
   * 4. Otherwise `stored`, and the window, if one was open, is closed. If that window asked to confirm, the secret is
   *    pending, tied to the window's id, and forgotten after 10 minutes.
   */
  accept(hookId: string, secret: string, when: AcceptWhen): Awaitable<AcceptResult>;

  /**
   * Ends a window. The window closes if it is still open. If it took a pending secret and that equals `secret`
   * (compared in constant time), the secret is kept, labelled with `details.webhook`: `confirmed`. If it differs, or if
   * `secret` is `null`, that pending secret is forgotten: `mismatch`. With nothing pending for this window: `none`.
   * No other secret is touched.
   */
  settle(
    hookId: string,
    windowId: string,
    secret: string | null,
    details?: { readonly webhook?: string | undefined },
  ): Awaitable<SettleResult>;

  /** Forgets the whole hook and its window, or the one secret that `which` names. Unknown ones are no error. */
  forget(hookId: string, which?: { readonly webhook: string } | { readonly secret: string }): Awaitable<void>;
}
