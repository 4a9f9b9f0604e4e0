import { describe, expect, test } from 'vitest';
import { createTimeline } from '../src/create-timeline.js';

describe('a moved timeline', () => {
  test('lets things happen in order of their time, and of booking within one moment', async () => {
    const timeline = createTimeline({ startAt: 0, clock: 'moved' });
    const happened: string[] = [];
    const note = (name: string) => () => void happened.push(`${name} at ${timeline.now()}`);
    for (const time of [30, 10, 20, 10, 25, 5]) timeline.at(time, note(String(time)));
    timeline.at(15, note('cancelled')).cancel();
    timeline.at(12, () => {
      timeline.at(17, note('booked on the way'));
    });
    await timeline.advance(25);
    expect(happened).toEqual([
      '5 at 5',
      '10 at 10',
      '10 at 10',
      'booked on the way at 17',
      '20 at 20',
      '25 at 25',
    ]);
    expect(timeline.now()).toBe(25);
  });

  test('stands still while work is under way, and flush waits for it', async () => {
    const timeline = createTimeline({ startAt: 0, clock: 'moved' });
    let finished = 0;
    timeline.at(10, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      finished = timeline.now();
    });
    await timeline.advance(100);
    expect(finished).toBe(10);
  });

  test('passes an error of its work on', async () => {
    const timeline = createTimeline({ startAt: 0, clock: 'moved' });
    timeline.at(0, () => {
      throw new Error('broken');
    });
    await expect(timeline.flush()).rejects.toThrow('broken');
  });

  test('does nothing any more once it is stopped', async () => {
    const timeline = createTimeline({ startAt: 0, clock: 'moved' });
    let happened = false;
    timeline.at(1, () => {
      happened = true;
    });
    timeline.stop();
    await timeline.advance(10);
    expect(happened).toBe(false);
  });

  test('keeps thousands of appointments in order', async () => {
    const timeline = createTimeline({ startAt: 0, clock: 'moved' });
    const happened: number[] = [];
    for (let index = 0; index < 5_000; index += 1) {
      const time = (index * 7919) % 5_003;
      timeline.at(time, () => void happened.push(time));
    }
    await timeline.advance(10_000);
    expect(happened).toEqual([...happened].sort((a, b) => a - b));
    expect(happened).toHaveLength(5_000);
  });
});

test('a running timeline passes by itself, and what falls due happens unasked', async () => {
  const timeline = createTimeline({ startAt: 0, clock: 'running' });
  await new Promise<void>((resolve) => timeline.at(5, resolve));
  expect(timeline.now()).toBeGreaterThanOrEqual(5);
  timeline.stop();
});
