/** Something that will happen at a moment of the simulated time, unless it is cancelled. */
export interface Appointment {
  cancel(): void;
}

/** What will happen, soonest first; what falls on one moment keeps the order in which it was booked. */
export interface Agenda {
  book(time: number, run: () => Promise<void> | void): Appointment;
  /** The moment of the next appointment. */
  nextTime(): number | undefined;
  /** Takes the next appointment that is due at `now`. */
  takeDue(now: number): (() => Promise<void> | void) | undefined;
}

interface Entry {
  readonly time: number;
  readonly turn: number;
  run: (() => Promise<void> | void) | undefined;
}

/** A binary heap: thousands of webhooks each hold a heartbeat and perhaps a retry. */
export function createAgenda(): Agenda {
  const heap: Entry[] = [];
  let turns = 0;

  function book(time: number, run: () => Promise<void> | void): Appointment {
    const entry: Entry = { time, turn: turns++, run };
    heap.push(entry);
    raise(heap, heap.length - 1);
    // A cancelled entry stays until its time comes: cheaper than searching for it.
    return {
      cancel() {
        entry.run = undefined;
      },
    };
  }

  function soonest(): Entry | undefined {
    while (heap[0] !== undefined && heap[0].run === undefined) removeFirst(heap);
    return heap[0];
  }

  function takeDue(now: number): (() => Promise<void> | void) | undefined {
    const entry = soonest();
    if (entry === undefined || entry.time > now) return undefined;
    removeFirst(heap);
    return entry.run;
  }

  return { book, nextTime: () => soonest()?.time, takeDue };
}

function isBefore(a: Entry | undefined, b: Entry | undefined): boolean {
  if (a === undefined || b === undefined) return a !== undefined;
  return a.time < b.time || (a.time === b.time && a.turn < b.turn);
}

function raise(heap: Entry[], from: number): void {
  let index = from;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!isBefore(heap[index], heap[parent])) return;
    swap(heap, index, parent);
    index = parent;
  }
}

function removeFirst(heap: Entry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  heap[0] = last;
  let index = 0;
  for (;;) {
    const left = 2 * index + 1;
    const child = isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
    if (!isBefore(heap[child], heap[index])) return;
    swap(heap, index, child);
    index = child;
  }
}

function swap(heap: Entry[], a: number, b: number): void {
  const [first, second] = [heap[a], heap[b]];
  if (first === undefined || second === undefined) return;
  heap[a] = second;
  heap[b] = first;
}
