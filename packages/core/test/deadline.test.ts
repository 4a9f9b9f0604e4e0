import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadlines } from '../src/deadline.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const never = new Promise<never>(() => {});
const withCode = (code: string) => expect.objectContaining({ code });

describe('a deadline', () => {
  it('passes at its millisecond', () => {
    const deadline = new Deadlines(100).begin();
    vi.advanceTimersByTime(99);
    expect([deadline.remainingMs, deadline.elapsedMs, deadline.hasPassed()]).toEqual([1, 99, false]);
    vi.advanceTimersByTime(1);
    expect([deadline.remainingMs, deadline.elapsedMs]).toEqual([0, 100]);
    // It was looked at just now.
    const answers = Array.from({ length: 8 }, () => deadline.hasPassed());
    expect(answers).toEqual([...Array.from({ length: 7 }, () => false), true]);
  });

  it('gives the value or the failure of what settles in time', async () => {
    const deadline = new Deadlines(100).begin();
    expect(await deadline.within(Promise.resolve('value'))).toBe('value');
    await expect(deadline.within(Promise.reject(new Error('failure')))).rejects.toThrow('failure');
    expect(deadline.hasPassed()).toBe(false);
  });

  it('rejects when what is waited for takes too long, counted from its own beginning', async () => {
    const deadline = new Deadlines(100).begin();
    vi.advanceTimersByTime(60);
    const waiting = expect(deadline.within(never)).rejects.toEqual(withCode('deadline_exceeded'));
    vi.advanceTimersByTime(40);
    await waiting;
  });

  it('rejects at once when it has passed before', async () => {
    const deadline = new Deadlines(100).begin();
    deadline.abort();
    const error = await deadline.within(never).catch((reason: unknown) => reason);
    expect(error).toEqual(withCode('deadline_exceeded'));
    expect(deadline.rejectedWith(error)).toBe(true);
  });

  it('aborts its signal, whenever that is asked for', () => {
    const deadlines = new Deadlines(100);
    const early = deadlines.begin();
    const { signal } = early;
    expect(signal.aborted).toBe(false);
    vi.advanceTimersByTime(99);
    expect(signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(signal.aborted).toBe(true);
    const late = deadlines.begin();
    late.abort();
    expect(late.signal.aborted).toBe(true);
    expect(late.signal).toBe(late.signal);
  });

  it('ends at once when it is aborted, once', async () => {
    const deadline = new Deadlines(100).begin();
    const waiting = deadline.within(never).catch((reason: unknown) => reason);
    deadline.abort();
    const error = await waiting;
    expect(error).toEqual(withCode('deadline_exceeded'));
    deadline.abort();
    expect(deadline.rejectedWith(error)).toBe(true);
    expect(deadline.rejectedWith(undefined)).toBe(false);
    expect(deadline.hasPassed()).toBe(true);
  });
});

describe('deadlines', () => {
  it('cost no timer until something is waited for, and one for all', () => {
    const deadlines = new Deadlines(100);
    const [first, second] = [deadlines.begin(), deadlines.begin()];
    expect(vi.getTimerCount()).toBe(0);
    for (const deadline of [first, second]) deadline.within(never).catch(() => {});
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(100);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('pass each at its millisecond, whichever began to wait first', () => {
    const deadlines = new Deadlines(100);
    const first = deadlines.begin();
    vi.advanceTimersByTime(10);
    const second = deadlines.begin();
    vi.advanceTimersByTime(10);
    const third = deadlines.begin();
    const signals = [third, first, second].map(({ signal }) => signal);
    const aborted = () => signals.map((signal) => signal.aborted);
    vi.advanceTimersByTime(79);
    expect(aborted()).toEqual([false, false, false]);
    vi.advanceTimersByTime(1);
    expect(aborted()).toEqual([false, true, false]);
    vi.advanceTimersByTime(9);
    expect(aborted()).toEqual([false, true, false]);
    vi.advanceTimersByTime(1);
    expect(aborted()).toEqual([false, true, true]);
    vi.advanceTimersByTime(10);
    expect(aborted()).toEqual([true, true, true]);
  });

  it('pass though an older one has ended meanwhile', () => {
    const deadlines = new Deadlines(100);
    const first = deadlines.begin();
    const ended = first.signal;
    vi.advanceTimersByTime(50);
    const { signal } = deadlines.begin();
    deadlines.end(first);
    expect(deadlines.count).toBe(1);
    vi.advanceTimersByTime(99);
    expect(signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect([ended.aborted, signal.aborted]).toEqual([false, true]);
  });

  it('that have ended start no timer, and none keeps a process alive', () => {
    const deadlines = new Deadlines(100);
    const deadline = deadlines.begin();
    deadlines.end(deadline);
    expect(deadline.signal.aborted).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    expect(deadlines.begin().signal.aborted).toBe(false);
    expect(timers()).toBe(before);
  });

  it('are all over when they are aborted', () => {
    const deadlines = new Deadlines(100);
    const signals = [deadlines.begin().signal, deadlines.begin().signal];
    deadlines.abort();
    expect(signals.map((signal) => signal.aborted)).toEqual([true, true]);
  });
});
