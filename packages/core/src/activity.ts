import type { Deadline } from './deadline.js';

/** What goes on in a receiver, so that `idle` and `close` know when it is over. */
export interface Activity {
  begin(deadline: Deadline): void;
  end(deadline: Deadline): void;
  /** Counts work that goes on after its request was answered. */
  runsOn(work: Promise<unknown>): void;
  /** Resolves when nothing goes on. */
  idle(): Promise<void>;
  /** Ends the time of all requests that are not answered yet. */
  abort(): void;
}

export function createActivity(): Activity {
  const going = new Set<Deadline | Promise<unknown>>();
  let waiting: (() => void)[] = [];

  function over(one: Deadline | Promise<unknown>): void {
    going.delete(one);
    if (going.size > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  return {
    begin: (deadline) => void going.add(deadline),
    end: over,

    runsOn(work) {
      const settled: Promise<void> = work.then(
        () => over(settled),
        () => over(settled),
      );
      going.add(settled);
    },

    idle: () => (going.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),

    abort() {
      for (const one of going) if ('abort' in one) one.abort();
    },
  };
}
