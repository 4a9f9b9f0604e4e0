import { HookshakeError } from './hookshake-error.js';

const LOOK_EACH = 8;

/** Deadlines of one length. The one that began first passes first, so one timer for the oldest watches over them all. */
export class Deadlines {
  readonly #withinMs: number;
  /** In the order in which they began. */
  readonly #going = new Set<Deadline>();
  #timer: NodeJS.Timeout | undefined;

  constructor(withinMs: number) {
    this.#withinMs = withinMs;
  }

  /** How many have begun and not ended. */
  get count(): number {
    return this.#going.size;
  }

  begin(): Deadline {
    const deadline = new Deadline(this.#withinMs, this);
    this.#going.add(deadline);
    return deadline;
  }

  /** Nothing is waited for any more. */
  end(deadline: Deadline): void {
    this.#going.delete(deadline);
  }

  /** Ends the time of all of them at once: at closing. */
  abort(): void {
    for (const deadline of this.#going) deadline.abort();
  }

  /** Something is waited for: from now on all of them are aborted when their time is over. */
  watch(): void {
    if (this.#timer === undefined) this.#look();
  }

  /** Aborts those whose time is over, and looks again when that of the next one is. */
  #look(): void {
    this.#timer = undefined;
    for (const deadline of this.#going) {
      const { remainingMs } = deadline;
      if (remainingMs > 0) {
        // It keeps no process alive that has nothing else to do.
        this.#timer = setTimeout(() => this.#look(), Math.ceil(remainingMs)).unref();
        return;
      }
      deadline.abort();
    }
  }
}

/** The time in which one thing has to be done: a request answered, an event handled. */
export class Deadline {
  readonly startedAt: number = performance.now();
  readonly #withinMs: number;
  readonly #all: Deadlines;
  #controller: AbortController | undefined;
  #giveUp: ((reason: HookshakeError) => void) | undefined;
  #reason: HookshakeError | undefined;
  #timesAsked = 0;

  constructor(withinMs: number, all: Deadlines) {
    this.#withinMs = withinMs;
    this.#all = all;
  }

  get elapsedMs(): number {
    return performance.now() - this.startedAt;
  }

  get remainingMs(): number {
    return Math.max(0, this.#withinMs - this.elapsedMs);
  }

  /**
   * Whether the time is over, for who does one small thing after the other without waiting. It looks at the clock the
   * first time and each eighth: to do so costs more than to hand over an event.
   */
  hasPassed(): boolean {
    if (this.#timesAsked++ % LOOK_EACH === 0 && this.remainingMs === 0) this.abort();
    return this.#reason !== undefined;
  }

  /** Aborted once the deadline has passed, or at {@link abort}. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) this.#controller.abort();
    else this.#all.watch();
    return this.#controller.signal;
  }

  /**
   * The promise's value, or a rejection with `deadline_exceeded` if that takes too long. What has a deadline is one
   * straight line, so at most one thing is waited for at a time.
   */
  within<T>(promise: PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      promise.then(resolve, reject);
      if (this.#reason !== undefined) reject(this.#reason);
      else this.#all.watch();
    });
  }

  /** Whether it was ended before its time was over: by {@link abort}. */
  get wasCutShort(): boolean {
    return this.#reason !== undefined && this.remainingMs > 0;
  }

  /** Whether {@link within} rejected with this because the time was over, rather than the promise itself. */
  rejectedWith(error: unknown): boolean {
    return this.#reason !== undefined && error === this.#reason;
  }

  /** Ends the time at once. */
  abort(): void {
    this.#reason ??= new HookshakeError('deadline_exceeded', 'The time for the answer is over');
    this.#controller?.abort();
    this.#giveUp?.(this.#reason);
  }
}
