import type { Awaitable, SecretStore } from '@hookshake/core';

/** A store for one case of {@link secretStoreBattery}, and the power over its time. */
export interface SecretStoreSetup {
  /** A store that holds nothing. */
  readonly store: SecretStore;
  /**
   * Another handle on the same data, as a second process would have it: for stores that processes share. Writers then
   * race through both. Left out, they race through the one.
   */
  readonly second?: SecretStore | undefined;
  /**
   * Lets time pass for the store, in milliseconds. Move the clock that the store was given; or, where the clock is a
   * server's, do what comes to the same and move all that is stored into the past:
   * `UPDATE windows SET expires_at = expires_at - ms`.
   */
  advance(ms: number): Awaitable<void>;
  /** Called after the case, whether or not it passed. */
  close?(): Awaitable<void>;
}

/** What {@link secretStoreBattery} is run against. */
export interface SecretStoreSubject {
  /** Called once for each case. */
  create(): Awaitable<SecretStoreSetup>;
  /**
   * `'frozen'`: time passes only by `advance`, and what expires is looked at one millisecond before. `'running'`: real
   * time passes too, as on a server, so it is looked at 20 seconds before. At the millisecond itself, both alike.
   * @defaultValue `'frozen'`
   */
  readonly clock?: 'frozen' | 'running' | undefined;
}

/** One case of {@link secretStoreBattery}. */
export interface SecretStoreCase {
  /** A sentence that is true of every store. */
  readonly title: string;
  /** Rejects, with an `AssertionError` as a rule, if it is not true of this one. */
  run(subject: SecretStoreSubject): Promise<void>;
}

/** What a case works with. */
export interface Bench extends SecretStoreSetup {
  /** The two handles by turns, so that racing writers come from two processes where there are two. */
  handle(turn: number): SecretStore;
  /** Lets time pass up to a moment before `ms` are over. Call the result to let the rest pass. */
  almost(ms: number): Promise<() => Promise<void>>;
}

/** Makes a case that gets a fresh store, and leaves nothing of it behind. */
export function secretStoreCase(title: string, test: (bench: Bench) => Promise<void>): SecretStoreCase {
  return {
    title,
    async run(subject) {
      const setup = await subject.create();
      const { store, second = store } = setup;
      const momentMs = subject.clock === 'running' ? 20_000 : 1;
      try {
        await test({
          store,
          second: setup.second,
          advance: (ms) => setup.advance(ms),
          handle: (turn) => (turn % 2 === 0 ? store : second),
          async almost(ms) {
            await setup.advance(ms - momentMs);
            return async () => setup.advance(momentMs);
          },
        });
      } finally {
        await setup.close?.();
      }
    },
  };
}
