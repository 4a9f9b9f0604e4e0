import { type Appointment, createAgenda } from './create-agenda.js';

/**
 * The simulated time and what falls due in it. Work that has begun (an attempt to deliver) takes real time;
 * a moved clock stands still meanwhile.
 */
export interface Timeline {
  /** Milliseconds since 1970, simulated. */
  now(): number;
  /** Runs something at a moment; at once, on the next flush, if that has passed. */
  at(time: number, run: () => Promise<void> | void): Appointment;
  /** Resolves once everything due by now has happened. */
  flush(): Promise<void>;
  /** Moves the clock; what falls due on the way happens, in order. */
  advance(ms: number): Promise<void>;
  /** Nothing falls due any more. */
  stop(): void;
}

export interface TimelineOptions {
  readonly startAt: number;
  /** `moved`: time passes only by `advance`. `running`: it passes by itself too, and what falls due happens unasked. */
  readonly clock: 'moved' | 'running';
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function createTimeline({ startAt, clock }: TimelineOptions): Timeline {
  const agenda = createAgenda();
  const underway = new Set<Promise<void>>();
  const openedAt = performance.now();
  let moved = startAt;
  let timer: NodeJS.Timeout | undefined;
  let advancing: Promise<void> = Promise.resolve();
  let flushing = 0;
  let stopped = false;

  function now(): number {
    return clock === 'moved' ? moved : moved + Math.floor(performance.now() - openedAt);
  }

  function at(time: number, run: () => Promise<void> | void): Appointment {
    const appointment = agenda.book(time, run);
    if (clock === 'running') setTimer();
    // Else what one target's answer brings about would wait for the slowest target of all.
    else if (flushing > 0 && time <= now()) queueMicrotask(beginDue);
    return appointment;
  }

  function setTimer(): void {
    if (clock === 'moved' || stopped) return;
    clearTimeout(timer);
    const next = agenda.nextTime();
    if (next === undefined) return;
    timer = setTimeout(beginDue, Math.min(Math.max(next - now(), 0), LONGEST_TIMER_MS));
  }

  function beginDue(): void {
    if (stopped) return;
    for (let run = agenda.takeDue(now()); run !== undefined; run = agenda.takeDue(now())) begin(run);
    setTimer();
  }

  function begin(run: () => Promise<void> | void): void {
    const work = (async () => run())().finally(() => underway.delete(work));
    underway.add(work);
  }

  async function flush(): Promise<void> {
    flushing += 1;
    try {
      beginDue();
      while (underway.size > 0) {
        await Promise.all(underway);
        beginDue();
      }
    } finally {
      flushing -= 1;
    }
  }

  async function moveTo(time: number): Promise<void> {
    moved += Math.max(0, time - now());
    await flush();
  }

  async function travel(ms: number): Promise<void> {
    const until = now() + ms;
    for (let next = agenda.nextTime(); next !== undefined && next <= until; next = agenda.nextTime()) {
      if (stopped) return;
      await moveTo(next);
    }
    await moveTo(until);
  }

  // Two travellers at once would each see the other's time: they take turns.
  function advance(ms: number): Promise<void> {
    const journey = advancing.then(() => travel(ms));
    advancing = journey.catch(() => undefined);
    return journey;
  }

  function stop(): void {
    stopped = true;
    clearTimeout(timer);
  }

  return { now, at, flush, advance, stop };
}
