import { describe, expect, it } from 'vitest';
import { DeliveryInFlight } from '../src/delivery-in-flight.js';
import { createReceiver, memorySecrets } from '../src/index.js';
import { createProgress } from '../src/progress.js';
import { deliveryRequest, signedRequest, taskChanged } from './hook-request.js';
import { SECRET, setUpReceiver } from './receiver-setup.js';

const HOUR_MS = 3_600_000;
const at = (second: number): string => `2026-11-02T08:00:${String(second).padStart(2, '0')}.000Z`;

/** A receiver that notes which tasks it handled, and fails for those it is told to. */
function setUp(holding?: Readonly<Record<string, readonly string[]>>) {
  const setup = setUpReceiver({ ...(holding !== undefined && { holding }) });
  const handled: string[] = [];
  const failing = new Set<string>();
  setup.receiver
    .on('task.*', (event) => void handled.push(event.resource.gid))
    .on('task.*', async (event) => {
      if (failing.has(event.resource.gid)) throw new Error('not now');
      handled.push(`${event.resource.gid} too`);
    });
  const deliver = async (events: readonly unknown[], hookId = 'bugs'): Promise<number> =>
    (await setup.receiver.receive(deliveryRequest(events, SECRET, { hookId }))).status;
  const takeHandled = (): readonly string[] => handled.splice(0);
  return { ...setup, failing, deliver, takeHandled };
}

describe('a delivery that comes again', () => {
  it('is answered 200, and nothing of it is handled again', async () => {
    const { deliver, takeHandled, eventCodes } = setUp();
    const events = [taskChanged('1'), taskChanged('2')];
    expect(await deliver(events)).toBe(200);
    takeHandled();
    expect(await deliver(events)).toBe(200);
    expect(await deliver(events)).toBe(200);
    expect(takeHandled()).toEqual([]);
    expect(eventCodes().slice(2)).toEqual(
      Array.from({ length: 4 }, () => 'event_duplicate task.changed.name'),
    );
  });

  it('is known where nobody observes, too', async () => {
    const secrets = memorySecrets();
    await secrets.accept('bugs', SECRET, 'always');
    const handled: string[] = [];
    const receiver = createReceiver({ secrets, logger: false }).on('task.*', ({ resource }) => {
      if (handled.push(resource.gid) === 3) throw new Error('not now');
    });
    const deliver = async (...gids: readonly string[]) =>
      (
        await receiver.receive(
          deliveryRequest(
            gids.map((gid) => taskChanged(gid)),
            SECRET,
          ),
        )
      ).status;
    expect(await deliver('1', '2', '3')).toBe(500);
    expect(await deliver('1', '2', '3')).toBe(200);
    expect(await deliver('1', '2', '3')).toBe(200);
    expect(handled).toEqual(['1', '2', '3', '3']);
    const later = taskChanged('4', 'name', at(59));
    for (let time = 0; time < 2; time++) await receiver.receive(deliveryRequest([later], SECRET));
    expect(handled.slice(4)).toEqual(['4']);
  });

  it('has only the event handled again that failed, by all of its handlers', async () => {
    const { deliver, takeHandled, failing } = setUp();
    const events = ['1', '2', '3'].map((gid) => taskChanged(gid));
    failing.add('2');
    expect(await deliver(events)).toBe(500);
    expect(takeHandled()).toEqual(['1', '1 too', '2', '3', '3 too']);
    expect(await deliver(events)).toBe(500);
    expect(takeHandled()).toEqual(['2']);
    failing.clear();
    expect(await deliver(events)).toBe(200);
    expect(takeHandled()).toEqual(['2', '2 too']);
    expect(await deliver(events)).toBe(200);
    expect(takeHandled()).toEqual([]);
  });

  it('is known although its properties come in another order, or its bytes differ otherwise', async () => {
    const { receiver, deliver, takeHandled } = setUp();
    await deliver([taskChanged('1')]);
    takeHandled();
    const { user, ...rest } = taskChanged('1');
    expect(await deliver([{ ...rest, user }])).toBe(200);
    const spaced = JSON.stringify({ events: [taskChanged('1')] }, null, 2);
    expect((await receiver.receive(signedRequest(spaced, SECRET))).status).toBe(200);
    expect(takeHandled()).toEqual([]);
  });

  it('is known although a handler changed its events', async () => {
    const { receiver, eventCodes } = setUpReceiver();
    const got: unknown[] = [];
    receiver.on('*', (event, { attempt }) => {
      got.push(structuredClone(event));
      Object.assign(event, { action: 'spoilt', created_at: 'never', resource: null, more: 'x' });
      if (attempt === 1) throw new Error('again, please');
    });
    for (const status of [500, 200, 200]) {
      expect((await receiver.receive(deliveryRequest([taskChanged('1')], SECRET))).status).toBe(status);
    }
    expect(got).toEqual([taskChanged('1'), taskChanged('1')]);
    expect(eventCodes().at(-1)).toBe('event_duplicate task.changed.name');
  });
});

describe('a later delivery', () => {
  it('that repeats some events has only the others handled', async () => {
    const { deliver, takeHandled, failing } = setUp();
    failing.add('2');
    await deliver([taskChanged('1', 'name', at(1)), taskChanged('2', 'name', at(2))]);
    takeHandled();
    failing.clear();
    expect(await deliver([taskChanged('2', 'name', at(2)), taskChanged('3', 'name', at(3))])).toBe(200);
    // What failed before stands behind what was never tried.
    expect(takeHandled()).toEqual(['3', '3 too', '2', '2 too']);
    const all = [1, 2, 3, 4].map((number) => taskChanged(String(number), 'name', at(number)));
    expect(await deliver(all)).toBe(200);
    expect(takeHandled()).toEqual(['4', '4 too']);
  });

  it('is handled although its events are older than those before, or of the same millisecond', async () => {
    const { deliver, takeHandled } = setUp();
    await deliver([taskChanged('1', 'name', at(30))]);
    takeHandled();
    expect(await deliver([taskChanged('2', 'name', at(10))])).toBe(200);
    expect(await deliver([taskChanged('3', 'name', at(30))])).toBe(200);
    expect(await deliver([taskChanged('4', 'name', at(31)), taskChanged('5', 'name', at(5))])).toBe(200);
    expect(takeHandled()).toEqual(['2', '2 too', '3', '3 too', '4', '4 too', '5', '5 too']);
    for (const [gid, second] of [
      ['2', 10],
      ['3', 30],
      ['1', 30],
      ['5', 5],
    ] as const) {
      await deliver([taskChanged(gid, 'name', at(second))]);
    }
    expect(takeHandled()).toEqual([]);
  });

  it('is known by its events when they tell no time', async () => {
    const { deliver, takeHandled } = setUp();
    const timeless = { ...taskChanged('1'), created_at: undefined };
    const odd = { ...taskChanged('2'), created_at: 5 };
    await deliver([timeless, odd]);
    takeHandled();
    await deliver([odd]);
    await deliver([timeless]);
    expect(takeHandled()).toEqual([]);
  });
});

describe('equal events', () => {
  it('of one delivery are each handled, and each known', async () => {
    const { deliver, takeHandled } = setUp();
    expect(await deliver([taskChanged('1'), taskChanged('1')])).toBe(200);
    expect(takeHandled()).toEqual(['1', '1 too', '1', '1 too']);
    expect(await deliver([taskChanged('1'), taskChanged('1')])).toBe(200);
    expect(takeHandled()).toEqual([]);
  });

  it('that are more than before are handled as far as they are more', async () => {
    const { deliver, takeHandled } = setUp();
    await deliver([taskChanged('1')]);
    takeHandled();
    await deliver([taskChanged('1'), taskChanged('1')]);
    expect(takeHandled()).toEqual(['1', '1 too']);
  });

  it('on two hooks are handled on both', async () => {
    const { deliver, takeHandled } = setUp({ bugs: [SECRET], chores: [SECRET] });
    expect(await deliver([taskChanged('1')], 'bugs')).toBe(200);
    expect(await deliver([taskChanged('1')], 'chores')).toBe(200);
    expect(takeHandled()).toEqual(['1', '1 too', '1', '1 too']);
    expect(await deliver([taskChanged('1')], 'bugs')).toBe(200);
    expect(await deliver([taskChanged('1')], 'chores')).toBe(200);
    expect(takeHandled()).toEqual([]);
  });
});

describe('an event that keeps failing', () => {
  it('is given up after twelve hours, so that the webhook lives', async () => {
    const { deliver, failing, advance, lines, eventCodes, takeHandled } = setUp();
    failing.add('1');
    expect(await deliver([taskChanged('1')])).toBe(500);
    advance(12 * HOUR_MS - 1);
    expect(await deliver([taskChanged('1')])).toBe(500);
    advance(1);
    expect(await deliver([taskChanged('1')])).toBe(200);
    expect(eventCodes()).toEqual([
      'event_failed task.changed.name',
      'event_failed task.changed.name',
      'event_given_up task.changed.name',
    ]);
    expect(lines.at(-1)).toMatchObject({ level: 'error', details: { code: 'event_given_up' } });
    takeHandled();
    expect(await deliver([taskChanged('1')])).toBe(200);
    expect(takeHandled()).toEqual([]);
  });

  // What was done and what fails shared one bounded memory, so that a busy process forgot when a failure had begun.
  it('is given up also where tens of thousands of others succeed meanwhile', async () => {
    const hooks = Array.from({ length: 501 }, (_, index) => `hook-${index}`);
    const { deliver, failing, advance } = setUp(
      Object.fromEntries(['bugs', ...hooks].map((hookId) => [hookId, [SECRET]])),
    );
    failing.add('1');
    expect(await deliver([taskChanged('1')])).toBe(500);
    for (const hookId of hooks) {
      await deliver(
        Array.from({ length: 101 }, (_, index) => taskChanged(`${index + 2}`)),
        hookId,
      );
    }
    advance(12 * HOUR_MS);
    expect(await deliver([taskChanged('1')])).toBe(200);
  }, 20_000);

  it('is given up also where ten thousand others fail, and those that nobody sends any more are forgotten', async () => {
    const { deliver, failing, advance } = setUp();
    const others = Array.from({ length: 10_000 }, (_, index) => taskChanged(`other-${index}`));
    for (let index = 0; index < 10_000; index++) failing.add(`other-${index}`);
    failing.add('1').add('2');
    expect(await deliver([taskChanged('1')])).toBe(500);
    expect(await deliver(others)).toBe(500);
    advance(12 * HOUR_MS);
    expect(await deliver([taskChanged('1')])).toBe(200);
    advance(13 * HOUR_MS);
    expect(await deliver([taskChanged('2')])).toBe(500);
    advance(12 * HOUR_MS);
    expect(await deliver([taskChanged('2')])).toBe(200);
  }, 20_000);

  it('is not given up for the trouble of another event or another hook', async () => {
    const { deliver, failing, advance } = setUp({ bugs: [SECRET], chores: [SECRET] });
    failing.add('1').add('2');
    expect(await deliver([taskChanged('1')])).toBe(500);
    advance(12 * HOUR_MS);
    expect(await deliver([taskChanged('1'), taskChanged('2')])).toBe(500);
    expect(await deliver([taskChanged('1')], 'chores')).toBe(500);
    expect(await deliver([taskChanged('1')])).toBe(200);
  });

  it('begins its twelve hours with its first failure', async () => {
    const { deliver, failing, advance } = setUp();
    expect(await deliver([taskChanged('1', 'name', at(1))])).toBe(200);
    advance(20 * HOUR_MS);
    failing.add('2');
    expect(await deliver([taskChanged('1', 'name', at(1)), taskChanged('2', 'name', at(2))])).toBe(500);
    advance(11 * HOUR_MS);
    expect(await deliver([taskChanged('2', 'name', at(2))])).toBe(500);
  });
});

describe('the memory of what was handled', () => {
  it('is bounded: of more than a thousand deliveries the oldest is forgotten, and then handled again', async () => {
    const { deliver, takeHandled } = setUp();
    const second = (number: number): string => new Date(Date.UTC(2026, 10, 2) + number * 1_000).toISOString();
    await deliver([taskChanged('first of its hook', 'name', second(-1))]);
    for (let number = 0; number <= 1_000; number++) {
      await deliver([taskChanged(String(number), 'name', second(number))]);
    }
    takeHandled();
    await deliver([taskChanged('1', 'name', second(1))]);
    await deliver([taskChanged('1000', 'name', second(1_000))]);
    expect(takeHandled()).toEqual([]);
    await deliver([taskChanged('0', 'name', second(0))]);
    expect(takeHandled()).toEqual(['0', '0 too']);
  });

  it('is bounded: of more than fifty thousand events known by their keys the oldest is forgotten', () => {
    const progress = createProgress(() => 0);
    const begin = (events: readonly unknown[]) => {
      const body = Buffer.from(JSON.stringify({ events }));
      return progress.begin(new DeliveryInFlight('bugs', body, 0), events);
    };
    const events = Array.from({ length: 50_001 }, (_, number) => ({ action: 'x', number }));
    const all = begin(events);
    for (const index of events.keys()) all.succeed(index);
    progress.end(all);
    expect(begin(events.slice(0, 1)).isDone(0)).toBe(false);
    expect(begin(events.slice(1, 2)).isDone(0)).toBe(true);
    expect(begin(events.slice(-1)).isDone(0)).toBe(true);
  });

  it('holds on to a failing event however many other hooks deliver meanwhile', async () => {
    const others = Array.from({ length: 1_000 }, (_, number) => `other-${number}`);
    const { deliver, takeHandled, failing } = setUp(
      Object.fromEntries(['bugs', ...others].map((hookId) => [hookId, [SECRET]])),
    );
    failing.add('2');
    expect(await deliver([taskChanged('1'), taskChanged('2')])).toBe(500);
    for (const hookId of others) await deliver([taskChanged('3')], hookId);
    takeHandled();
    failing.clear();
    expect(await deliver([taskChanged('1'), taskChanged('2')])).toBe(200);
    expect(takeHandled()).toEqual(['2', '2 too']);
  });

  it('knows what succeeded on a hook that delivers again after many others did', async () => {
    const others = Array.from({ length: 500 }, (_, index) => `hook-${index}`);
    const { deliver, takeHandled, failing } = setUp(
      Object.fromEntries(['bugs', ...others].map((hookId) => [hookId, [SECRET]])),
    );
    const events = [taskChanged('1', 'name', at(1)), taskChanged('2', 'name', at(2))];
    failing.add('2');
    expect(await deliver(events)).toBe(500);
    for (const hookId of others) await deliver([taskChanged('3', 'name', at(3))], hookId);
    expect(await deliver([taskChanged('4', 'name', at(4))])).toBe(200);
    takeHandled();
    failing.clear();
    expect(await deliver(events)).toBe(200);
    expect(takeHandled()).toEqual(['2', '2 too']);
  });

  it('keeps no more than eight megabytes of bodies', () => {
    const progress = createProgress(() => 0);
    const deliver = (number: number, bytes: number) => {
      const events = [{ ...taskChanged(String(number), 'name', at(number)), message: 'x'.repeat(bytes) }];
      const body = Buffer.from(JSON.stringify({ events }));
      const soFar = progress.begin(new DeliveryInFlight('bugs', body, 0), events);
      const done = soFar.isDone(0);
      soFar.succeed(0);
      progress.end(soFar);
      return done;
    };
    const MIB = 1024 * 1024;
    deliver(0, 1); // the first of its hook is remembered by its keys
    expect([1, 2, 3].map((number) => deliver(number, 3 * MIB))).toEqual([false, false, false]);
    expect(deliver(3, 3 * MIB)).toBe(true);
    expect(deliver(2, 3 * MIB)).toBe(true);
    expect(deliver(1, 3 * MIB)).toBe(false);
  });
});
