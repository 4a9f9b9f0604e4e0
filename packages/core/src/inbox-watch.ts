import type { Inbox } from './inbox.js';
import type { Notice } from './notices.js';

/** Longest that something may wait for a worker before somebody is told, in milliseconds. */
const UNWORKED_MS = 60_000;
/** A little later than what came at the beginning has waited for so long. */
const LOOK_MS = UNWORKED_MS + 1_000;

/** Looks whether what is kept is taken, by whatever process. */
export interface InboxWatch {
  /** A delivery was kept: from now on it looks once a minute, until nothing waits. */
  begin(): void;
  stop(): void;
}

export function createInboxWatch(inbox: Inbox, notice: Notice): InboxWatch {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function begin(): void {
    // It keeps no process alive that has nothing else to do.
    if (!stopped) timer ??= setTimeout(() => void look(), LOOK_MS).unref();
  }

  async function look(): Promise<void> {
    try {
      const { waiting, oldestAgeMs } = await inbox.stats();
      timer = undefined;
      if (waiting > 0) begin();
      if (oldestAgeMs < UNWORKED_MS) return;
      notice(
        'warn',
        'inbox_not_worked',
        '',
        'what is in the inbox has waited for more than a minute: no process works it, or those that do cannot keep up. ' +
          'Call  await receiver.start()  in one of them, or in more',
      );
    } catch {
      // An inbox that is away is told of by whoever needs it; this looks again after the next delivery.
      timer = undefined;
    }
  }

  return {
    begin,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
