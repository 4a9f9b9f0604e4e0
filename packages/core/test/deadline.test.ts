import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadline } from '../src/deadline.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const never = new Promise<never>(() => {});
const withCode = (code: string) => expect.objectContaining({ code });

describe('Deadline', () => {
  it('starts no timer for a signal that is asked for when all is over', () => {
    const deadline = new Deadline(100);
    deadline.clear();
    expect(deadline.signal.aborted).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('passes at its millisecond', () => {
    const deadline = new Deadline(100);
    vi.advanceTimersByTime(99);
    expect([deadline.hasPassedBy(performance.now()), deadline.remainingMs, deadline.elapsedMs]).toEqual([
      false,
      1,
      99,
    ]);
    vi.advanceTimersByTime(1);
    expect([deadline.hasPassedBy(performance.now()), deadline.remainingMs, deadline.elapsedMs]).toEqual([
      true,
      0,
      100,
    ]);
  });

  it('costs no timer until something is waited for', async () => {
    const deadline = new Deadline(100);
    expect(vi.getTimerCount()).toBe(0);
    await deadline.within(Promise.resolve());
    expect(vi.getTimerCount()).toBe(1);
    deadline.clear();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives the value or the failure of what settles in time', async () => {
    const deadline = new Deadline(100);
    expect(await deadline.within(Promise.resolve('value'))).toBe('value');
    await expect(deadline.within(Promise.reject(new Error('failure')))).rejects.toThrow('failure');
    expect(deadline.hasPassedBy(performance.now())).toBe(false);
  });

  it('rejects when what is waited for takes too long, counted from its own beginning', async () => {
    const deadline = new Deadline(100);
    vi.advanceTimersByTime(60);
    const waiting = expect(deadline.within(never)).rejects.toEqual(withCode('deadline_exceeded'));
    vi.advanceTimersByTime(40);
    await waiting;
  });

  it('rejects at once when it has passed before', async () => {
    const deadline = new Deadline(100);
    deadline.abort();
    const error = await deadline.within(never).catch((reason: unknown) => reason);
    expect(error).toEqual(withCode('deadline_exceeded'));
    expect(deadline.rejectedWith(error)).toBe(true);
  });

  it('aborts its signal, whenever that is asked for', () => {
    const early = new Deadline(100);
    const { signal } = early;
    expect(signal.aborted).toBe(false);
    vi.advanceTimersByTime(100);
    expect(signal.aborted).toBe(true);
    const late = new Deadline(100);
    late.abort();
    expect(late.signal.aborted).toBe(true);
    expect(late.signal).toBe(late.signal);
  });

  it('ends at once when it is aborted, once', async () => {
    const deadline = new Deadline(100);
    const waiting = deadline.within(never).catch((reason: unknown) => reason);
    deadline.abort();
    const error = await waiting;
    expect(error).toEqual(withCode('deadline_exceeded'));
    deadline.abort();
    expect(deadline.rejectedWith(error)).toBe(true);
    expect(deadline.rejectedWith(undefined)).toBe(false);
    expect(deadline.hasPassedBy(performance.now())).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});
