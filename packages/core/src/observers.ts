import { isPromiseLike } from './from-store.js';
import type { Outcome } from './outcome.js';

/** Those who listen to outcomes. */
export interface Observers {
  /** Whether anyone listens, so that nothing is prepared for nobody. */
  readonly any: boolean;
  add(listener: (outcome: Outcome) => void): () => void;
  tell(outcome: Outcome): void;
}

/** @param onThrow - Told of a listener that throws or rejects, which changes nothing else. */
export function createObservers(onThrow: () => void): Observers {
  const listeners = new Set<{ readonly listener: (outcome: Outcome) => void }>();
  return {
    get any() {
      return listeners.size > 0;
    },
    add(listener) {
      const entry = { listener };
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
      };
    },
    tell(outcome) {
      for (const { listener } of listeners) {
        try {
          const result: unknown = listener(outcome);
          if (isPromiseLike(result)) result.then(undefined, onThrow);
        } catch {
          onThrow();
        }
      }
    },
  };
}
