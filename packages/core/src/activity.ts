import { type Deadline, Deadlines } from './deadline.js';

/** What goes on in a receiver, so that `idle` and `close` know when it is over. */
export interface Activity {
  /** A request has come: the time for its answer begins. */
  begin(): Deadline;
  /** It is answered. */
  end(deadline: Deadline): void;
  /** Counts work that goes on after its request was answered. */
  runsOn(work: Promise<unknown>): void;
  /** Resolves when nothing goes on. */
  idle(): Promise<void>;
  /** Ends the time of all requests that are not answered yet. */
  abort(): void;
}

export function createActivity(answerWithinMs: number): Activity {
  const requests = new Deadlines(answerWithinMs);
  let runningOn = 0;
  let waiting: (() => void)[] = [];

  const isIdle = () => requests.count + runningOn === 0;

  function tell(): void {
    if (waiting.length === 0 || !isIdle()) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  return {
    begin: () => requests.begin(),

    end(deadline) {
      requests.end(deadline);
      tell();
    },

    runsOn(work) {
      const over = () => {
        runningOn--;
        tell();
      };
      runningOn++;
      work.then(over, over);
    },

    idle: () => (isIdle() ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),

    abort: () => requests.abort(),
  };
}
