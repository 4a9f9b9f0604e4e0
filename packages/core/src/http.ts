/** One HTTP request, as an adapter hands it to {@link Receiver.receive}. */
export interface HookRequest {
  /** In capitals: `POST`. */
  readonly method: string;
  /**
   * Which hook the target's path names; `undefined` when it names none. Read after the method was checked. If it throws
   * a {@link HookshakeError} with code `mount_ambiguous`, that is the outcome.
   */
  readonly hookId: string | undefined;
  /** A header by its lower-case name; several of one name joined by `, `. */
  header(name: string): string | undefined;
  /**
   * The body's bytes exactly as they came over the wire. Called at most once. Rejects with a {@link HookshakeError}
   * whose code is `body_too_large`, `body_aborted`, `body_stalled`, `body_consumed` or `overloaded`.
   *
   * @param maxBytes - More than this is `body_too_large`.
   * @param withinMs - Slower than this is `body_stalled`.
   */
  body(maxBytes: number, withinMs: number): Promise<Uint8Array>;
}

/** What an adapter has to answer. */
export interface HookResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
