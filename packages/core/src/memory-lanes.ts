import type { InboxEvent } from './inbox.js';

/** An event in the queue of a memory inbox. */
export interface QueuedEvent {
  readonly event: InboxEvent;
  failures: number;
  failingSince: number | undefined;
  dueAt: number;
}

/** Events in queues, one for each (hook id, lane), of which only the first event may be tried. */
export interface Lanes {
  /** How many events there are, without those that are taken. */
  readonly count: number;
  /** How much text all of them hold. */
  readonly bytes: number;
  /** When the next event that waits is due; `Infinity` when none waits. */
  readonly nextDueAt: number;
  /** Since when the oldest of those that are due has been so. */
  readonly oldestDueAt: number | undefined;
  add(event: InboxEvent): void;
  /** The next event that is due; its lane stands still until it is released or removed. */
  take(): QueuedEvent | undefined;
  /** Puts an event that was taken back to the head of its lane. */
  release(one: QueuedEvent, dueAt: number): void;
  /** An event that was taken is done with. Whether it was still there: it may have been dropped meanwhile. */
  remove(one: QueuedEvent): boolean;
  /** Drops all events of a hook, those that are taken included. */
  drop(hookId: string): void;
}

interface Lane {
  readonly key: string;
  readonly hookId: string;
  readonly queue: QueuedEvent[];
}

export function createLanes(now: () => number): Lanes {
  const lanes = new Map<string, Lane>();
  const due = new Set<Lane>();
  const waiting = new Set<Lane>();
  let nextDueAt = Number.POSITIVE_INFINITY;
  let count = 0;
  let bytes = 0;

  const keyOf = ({ hookId, lane }: InboxEvent): string => `${hookId}\n${lane}`;

  /** A lane whose head is not being tried goes among those that are due or those that wait. */
  function place(lane: Lane): void {
    const [head] = lane.queue;
    if (head === undefined) {
      lanes.delete(lane.key);
    } else if (head.dueAt <= now()) {
      due.add(lane);
    } else {
      waiting.add(lane);
      nextDueAt = Math.min(nextDueAt, head.dueAt);
    }
  }

  function moveWhatIsDue(): void {
    if (now() < nextDueAt) return;
    const all = [...waiting];
    waiting.clear();
    nextDueAt = Number.POSITIVE_INFINITY;
    for (const lane of all) place(lane);
  }

  /** The lane of an event that was taken, unless it has been dropped since. */
  function laneOf(one: QueuedEvent): Lane | undefined {
    const lane = lanes.get(keyOf(one.event));
    return lane?.queue[0] === one ? lane : undefined;
  }

  return {
    get count() {
      return count;
    },
    get bytes() {
      return bytes;
    },
    get nextDueAt() {
      return nextDueAt;
    },
    get oldestDueAt() {
      moveWhatIsDue();
      const [oldest] = [...due].map(({ queue }) => queue[0]?.dueAt ?? now()).sort((a, b) => a - b);
      return oldest;
    },

    add(event) {
      const key = keyOf(event);
      const lane = lanes.get(key) ?? { key, hookId: event.hookId, queue: [] };
      lane.queue.push({ event, failures: 0, failingSince: undefined, dueAt: now() });
      count++;
      bytes += event.json.length;
      if (lane.queue.length > 1) return;
      lanes.set(key, lane);
      place(lane);
    },

    take() {
      moveWhatIsDue();
      for (const lane of due) {
        due.delete(lane);
        count--;
        return lane.queue[0];
      }
      return undefined;
    },

    release(one, dueAt) {
      const lane = laneOf(one);
      if (lane === undefined) return;
      one.dueAt = dueAt;
      count++;
      place(lane);
    },

    remove(one) {
      const lane = laneOf(one);
      if (lane === undefined) return false;
      lane.queue.shift();
      bytes -= one.event.json.length;
      place(lane);
      return true;
    },

    drop(hookId) {
      for (const lane of lanes.values()) {
        if (lane.hookId !== hookId) continue;
        lanes.delete(lane.key);
        const taken = !due.delete(lane) && !waiting.delete(lane);
        count -= lane.queue.length - (taken ? 1 : 0);
        for (const { event } of lane.queue) bytes -= event.json.length;
      }
    },
  };
}
