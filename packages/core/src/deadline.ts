import { HookshakeError } from './hookshake-error.js';

/**
 * The time in which one request has to be answered. It costs no timer until something has to be waited for.
 */
export class Deadline {
  readonly startedAt: number = performance.now();
  readonly #withinMs: number;
  #timer: NodeJS.Timeout | undefined;
  #controller: AbortController | undefined;
  #giveUp: ((reason: HookshakeError) => void) | undefined;
  #reason: HookshakeError | undefined;
  #isOver = false;

  constructor(withinMs: number) {
    this.#withinMs = withinMs;
  }

  get elapsedMs(): number {
    return performance.now() - this.startedAt;
  }

  get remainingMs(): number {
    return Math.max(0, this.#withinMs - this.elapsedMs);
  }

  /** Whether the time is over at this reading of `performance.now()`. */
  hasPassedBy(time: number): boolean {
    return this.#reason !== undefined || time - this.startedAt >= this.#withinMs;
  }

  /** Aborted once the deadline has passed, or at {@link abort}. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) this.#controller.abort();
    else this.#startTimer();
    return this.#controller.signal;
  }

  /**
   * The promise's value, or a rejection with `deadline_exceeded` if that takes too long. A request is one straight
   * line, so at most one thing is waited for at a time.
   */
  within<T>(promise: PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      promise.then(resolve, reject);
      if (this.#reason !== undefined) reject(this.#reason);
      else this.#startTimer();
    });
  }

  /** Whether {@link within} rejected with this because the time was over, rather than the promise itself. */
  rejectedWith(error: unknown): boolean {
    return this.#reason !== undefined && error === this.#reason;
  }

  /** Ends the time at once: at closing. */
  abort(): void {
    this.#reason ??= new HookshakeError('deadline_exceeded', 'The time for the answer is over');
    this.clear();
    this.#controller?.abort();
    this.#giveUp?.(this.#reason);
  }

  /** The request is answered; nothing is waited for any more. */
  clear(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #startTimer(): void {
    if (this.#isOver) return;
    this.#timer ??= setTimeout(() => this.abort(), this.remainingMs);
  }
}
