import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  createReceiver,
  eventKey,
  type HandlerContext,
  type HookRequest,
  memorySecrets,
} from '../src/index.js';
import { defer } from './deferred.js';
import { deliveryRequest, taskChanged } from './hook-request.js';
import { SECRET, setUpReceiver } from './receiver-setup.js';

const added = { ...taskChanged('1'), action: 'added', change: undefined };
const story = { ...taskChanged('9', 'text'), resource: { gid: '9', resource_type: 'story' } };

afterEach(() => {
  vi.useRealTimers();
});

describe('handlers', () => {
  it('run for each event of their name, in the order of the delivery and of registration', async () => {
    const { receiver } = setUpReceiver();
    const calls: string[] = [];
    for (const name of [
      'task.changed.name',
      '*',
      'story.*',
      'task.changed',
      'task.*',
      'task.added',
    ] as const) {
      receiver.on(name, (event) => void calls.push(`${event.resource?.gid} ${name}`));
    }
    receiver.on('task.*', () => void calls.push('task.* again'));
    await receiver.receive(
      deliveryRequest([taskChanged('1'), story, taskChanged('2', 'notes'), added], SECRET),
    );
    expect(calls).toEqual([
      '1 task.changed.name',
      '1 *',
      '1 task.changed',
      '1 task.*',
      'task.* again',
      '9 *',
      '9 story.*',
      '2 *',
      '2 task.changed',
      '2 task.*',
      'task.* again',
      '1 *',
      '1 task.*',
      '1 task.added',
      'task.* again',
    ]);
  });

  it('wait for one another when they are asynchronous', async () => {
    const { receiver } = setUpReceiver();
    const [first, second] = [defer(), defer()];
    const calls: string[] = [];
    receiver
      .on('*', async () => {
        calls.push('first begins');
        await first.promise;
        calls.push('first ends');
      })
      .on('*', async () => {
        calls.push('second begins');
        await second.promise;
        calls.push('second ends');
      })
      .on('*', () => void calls.push('third'));
    const running = receiver.receive(deliveryRequest([taskChanged('1')], SECRET));
    second.resolve();
    first.resolve();
    expect((await running).status).toBe(200);
    expect(calls).toEqual(['first begins', 'first ends', 'second begins', 'second ends', 'third']);
  });

  it('get the event as it was sent, what nobody documented included', async () => {
    const { receiver } = setUpReceiver();
    const event = { ...taskChanged('1'), novelty: { deep: [1, null] }, user: null };
    let got: unknown;
    receiver.on('*', (one) => {
      got = one;
    });
    await receiver.receive(deliveryRequest([event], SECRET));
    expect(got).toEqual(event);
  });

  it.each<[string, unknown, string]>([
    [
      'an unknown type',
      { ...added, resource: { gid: '1', resource_type: 'nobody_knows' } },
      'nobody_knows.added',
    ],
    ['an unknown action', { ...added, action: 'pondered' }, 'task.pondered'],
    ['an unknown field', taskChanged('1', 'mood'), 'task.changed.mood'],
    ['no resource', { action: 'added', resource: null }, 'unknown.added'],
    ['null for user and parent', { ...added, user: null, parent: null }, 'task.added'],
    ['nothing but an action', { action: 'added' }, 'unknown.added'],
    ['a sync error without resource', { action: 'sync_error', message: 'events were lost' }, 'sync_error'],
  ])('on * get an event with %s', async (_name, event, name) => {
    const { receiver, eventCodes } = setUpReceiver();
    const got: unknown[] = [];
    receiver.on('*', (one) => void got.push(one));
    expect((await receiver.receive(deliveryRequest([event], SECRET))).status).toBe(200);
    expect(got).toEqual([JSON.parse(JSON.stringify(event))]);
    expect(eventCodes()).toEqual([`event_handled ${name}`]);
  });

  it('on sync_error get just those', async () => {
    const { receiver } = setUpReceiver();
    const messages: unknown[] = [];
    receiver.on('sync_error', (event) => void messages.push(event.message));
    await receiver.receive(deliveryRequest([added, { action: 'sync_error', message: 'lost' }], SECRET));
    expect(messages).toEqual(['lost']);
  });

  it('are not needed: an event that nobody handles is answered 200', async () => {
    const { receiver, eventCodes } = setUpReceiver();
    receiver.on('story.*', () => {});
    expect((await receiver.receive(deliveryRequest([added], SECRET))).status).toBe(200);
    expect(eventCodes()).toEqual(['event_unhandled task.added']);
  });

  it('are spared entries that are no events, which keep no other from being handled', async () => {
    const { receiver, eventCodes } = setUpReceiver();
    const got: unknown[] = [];
    receiver.on('*', (event) => void got.push(event.resource?.gid));
    const entries = [null, 'x', 1, [], {}, { action: 1 }, taskChanged('1'), true, taskChanged('2')];
    expect((await receiver.receive(deliveryRequest(entries, SECRET))).status).toBe(200);
    expect(got).toEqual(['1', '2']);
    expect(eventCodes().filter((code) => code === 'event_malformed unknown')).toHaveLength(7);
  });

  it('handle a thousand events of one delivery', async () => {
    const { receiver } = setUpReceiver();
    const got: unknown[] = [];
    receiver.on('task.changed', (event) => void got.push(event.resource.gid));
    const gids = Array.from({ length: 1_000 }, (_, index) => String(index));
    await receiver.receive(
      deliveryRequest(
        gids.map((gid) => taskChanged(gid)),
        SECRET,
      ),
    );
    expect(got).toEqual(gids);
  });
});

describe('the context of a handler', () => {
  it('tells hook, delivery, event, time and attempt', async () => {
    const { receiver, events } = setUpReceiver({
      now: () => Date.UTC(2026, 10, 5),
      holding: { 'a/b': [SECRET] },
    });
    const contexts: HandlerContext[] = [];
    receiver.on('*', (_event, context) => void contexts.push(context));
    const event = taskChanged('1');
    await receiver.receive(deliveryRequest([event, event], SECRET, { hookId: 'a/b' }));
    await receiver.receive(deliveryRequest([taskChanged('2')], SECRET, { hookId: 'a/b' }));

    expect(contexts.map(({ eventKey }) => eventKey)).toEqual([
      eventKey(event, 0),
      eventKey(event, 1),
      eventKey(taskChanged('2')),
    ]);
    const ids = contexts.map(({ deliveryId }) => deliveryId);
    expect(ids).toEqual(events().map(({ deliveryId }) => deliveryId));
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect([ids[0] === ids[1], ids[1] === ids[2], ids[0] === '']).toEqual([true, false, false]);
    for (const context of contexts) {
      expect(context).toMatchObject({
        hookId: 'a/b',
        attempt: 1,
        receivedAt: new Date(Date.UTC(2026, 10, 5)),
      });
      expect(context.signal.aborted).toBe(false);
    }
  });

  it("has the receiver's logger", async () => {
    const { receiver, lines } = setUpReceiver();
    receiver.on('*', (_event, { logger }) => logger.warn({ own: true }, 'from the handler'));
    await receiver.receive(deliveryRequest([added], SECRET));
    expect(lines).toEqual([{ level: 'warn', details: { own: true }, message: 'from the handler' }]);
  });

  it('counts the attempts of each event', async () => {
    const { receiver, events } = setUpReceiver();
    const attempts: number[] = [];
    receiver.on('*', (_event, { attempt }) => {
      attempts.push(attempt);
      if (attempt < 3) throw new Error('not yet');
    });
    for (const status of [500, 500, 200]) {
      expect((await receiver.receive(deliveryRequest([added], SECRET))).status).toBe(status);
    }
    expect(attempts).toEqual([1, 2, 3]);
    expect(events().map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });
});

describe('a handler that fails', () => {
  it.each<[string, () => void | Promise<void>]>([
    [
      'throws',
      () => {
        throw new Error('marker');
      },
    ],
    ['rejects', () => Promise.reject(new Error('marker'))],
    [
      'throws no error',
      () => {
        throw 'marker';
      },
    ],
    ['rejects with nothing', () => Promise.reject(undefined)],
  ])('is answered 500 when it %s, with nothing of its words', async (_name, handler) => {
    const { receiver, requestCodes, eventCodes, lines } = setUpReceiver();
    receiver.on('*', handler);
    const response = await receiver.receive(deliveryRequest([added], SECRET));
    expect(response).toMatchObject({ status: 500, body: 'handler_failed: a handler failed; send it again' });
    expect(requestCodes()).toEqual(['handler_failed']);
    expect(eventCodes()).toEqual(['event_failed task.added']);
    expect(lines).toMatchObject([{ level: 'error', details: { code: 'event_failed' } }]);
    expect(JSON.stringify(lines)).not.toContain('marker');
  });

  it('gives its error to observers', async () => {
    const { receiver, events } = setUpReceiver();
    const error = new TypeError('marker');
    receiver.on('*', () => Promise.reject(error));
    await receiver.receive(deliveryRequest([added], SECRET));
    expect(events()).toMatchObject([{ error }]);
  });

  it('keeps the handlers behind it from this event, and from no other', async () => {
    const { receiver } = setUpReceiver();
    const calls: string[] = [];
    receiver
      .on('*', (event) => {
        if (event.resource?.gid === '2') throw new Error('no');
      })
      .on('*', (event) => void calls.push(event.resource?.gid ?? ''));
    await receiver.receive(
      deliveryRequest(
        ['1', '2', '3'].map((gid) => taskChanged(gid)),
        SECRET,
      ),
    );
    expect(calls).toEqual(['1', '3']);
  });
});

describe('a handler that takes too long', () => {
  it('is answered 503 at the deadline, and its signal is aborted', async () => {
    vi.useFakeTimers();
    const { receiver, requestCodes, eventCodes } = setUpReceiver();
    const signals: AbortSignal[] = [];
    receiver.on('*', (_event, { signal }) => {
      signals.push(signal);
      return new Promise(() => {});
    });
    let answered = false;
    const running = receiver.receive(deliveryRequest([added], SECRET)).finally(() => {
      answered = true;
    });
    await vi.advanceTimersByTimeAsync(8_999);
    expect([answered, signals[0]?.aborted]).toEqual([false, false]);
    await vi.advanceTimersByTimeAsync(1);
    const response = await running;
    expect(signals[0]?.aborted).toBe(true);
    expect(response.status).toBe(503);
    expect(response.headers).toHaveProperty('retry-after');
    expect(requestCodes()).toEqual(['deadline_exceeded']);
    expect(eventCodes()).toEqual(['event_timed_out task.added']);
  });

  it('is given the time that is told', async () => {
    vi.useFakeTimers();
    const { receiver } = setUpReceiver({ answerWithinMs: 50 });
    receiver.on('*', () => new Promise(() => {}));
    const running = receiver.receive(deliveryRequest([added], SECRET));
    await vi.advanceTimersByTimeAsync(50);
    expect((await running).status).toBe(503);
  });

  it('is given only what the upload has left', async () => {
    vi.useFakeTimers();
    const { receiver } = setUpReceiver();
    receiver.on('*', () => new Promise(() => {}));
    const upload = defer();
    const request = deliveryRequest([added], SECRET);
    const { method, hookId, header } = request;
    const running = receiver.receive({
      method,
      hookId,
      header,
      async body(maxBytes, withinMs) {
        await upload.promise;
        return request.body(maxBytes, withinMs);
      },
    });
    await vi.advanceTimersByTimeAsync(8_000);
    upload.resolve();
    await vi.advanceTimersByTimeAsync(1_000);
    expect((await running).status).toBe(503);
  });

  it('keeps the events behind it from this delivery only, which does not count as an attempt of theirs', async () => {
    vi.useFakeTimers();
    const { receiver } = setUpReceiver();
    const calls: string[] = [];
    receiver.on('*', (event, { attempt }) => {
      calls.push(`${event.resource?.gid} attempt ${attempt}`);
      return event.resource?.gid === '2' && attempt === 1 ? new Promise(() => {}) : undefined;
    });
    const events = ['1', '2', '3'].map((gid) => taskChanged(gid));
    const running = receiver.receive(deliveryRequest(events, SECRET));
    await vi.advanceTimersByTimeAsync(9_000);
    expect((await running).status).toBe(503);
    expect(calls.splice(0)).toEqual(['1 attempt 1', '2 attempt 1']);
    expect((await receiver.receive(deliveryRequest(events, SECRET))).status).toBe(200);
    expect(calls.toSorted()).toEqual(['2 attempt 2', '3 attempt 1']);
  });

  it.each([1, 2])(
    'does not have events given up that were never tried, when %i of them hang',
    async (hanging) => {
      vi.useFakeTimers();
      const { receiver, advance, eventCodes } = setUpReceiver();
      const handled: unknown[] = [];
      receiver.on('*', (event) => {
        if (event.resource?.gid !== 'behind') return new Promise(() => {});
        handled.push(event.resource.gid);
        return undefined;
      });
      const stuck = Array.from({ length: hanging }, (_, index) => taskChanged(`stuck-${index}`));
      const deliver = async (): Promise<number> => {
        const running = receiver.receive(deliveryRequest([...stuck, taskChanged('behind')], SECRET));
        await vi.advanceTimersByTimeAsync(9_000);
        return (await running).status;
      };
      for (let hour = 0; hour < 12; hour++) {
        expect(await deliver()).toBe(503);
        advance(3_600_000);
      }
      expect(handled).toEqual(['behind']);
      for (let turn = 0; turn < hanging; turn++) await deliver();
      expect(await deliver()).toBe(200);
      expect(handled).toEqual(['behind']);
      expect(eventCodes().filter((code) => code.startsWith('event_given_up'))).toHaveLength(hanging);
    },
  );

  // An error that could not be described ended the delivery, before its events were noted: it got 500 for ever.
  it('may throw what cannot be looked at: its event alone fails, and is given up in time', async () => {
    const { receiver, advance, eventCodes } = setUpReceiver();
    const error = new Proxy(new Error('x'), {
      getPrototypeOf() {
        throw error;
      },
      has() {
        throw error;
      },
    });
    receiver.on('*', (event) => {
      if (event.resource?.gid === '1') throw error;
    });
    const events = [taskChanged('1'), taskChanged('2')];
    expect((await receiver.receive(deliveryRequest(events, SECRET))).status).toBe(500);
    expect(eventCodes()).toEqual(['event_failed task.changed.name', 'event_handled task.changed.name']);
    advance(12 * 3_600_000);
    expect((await receiver.receive(deliveryRequest(events, SECRET))).status).toBe(200);
  });

  it('is not called again when it succeeds after the deadline', async () => {
    vi.useFakeTimers();
    const { receiver, eventCodes } = setUpReceiver();
    const slow = defer();
    receiver.on('*', () => slow.promise);
    const running = receiver.receive(deliveryRequest([added], SECRET));
    await vi.advanceTimersByTimeAsync(9_000);
    expect((await running).status).toBe(503);
    slow.resolve();
    await receiver.idle();
    expect((await receiver.receive(deliveryRequest([added], SECRET))).status).toBe(200);
    expect(eventCodes()).toEqual([
      'event_timed_out task.added',
      'event_handled task.added',
      'event_duplicate task.added',
    ]);
  });

  it('is called again when it fails after the deadline, which harms nobody', async () => {
    vi.useFakeTimers();
    const { receiver, eventCodes } = setUpReceiver();
    const slow = defer();
    receiver.on('*', (_event, { attempt }) => (attempt === 1 ? slow.promise : undefined));
    const running = receiver.receive(deliveryRequest([added], SECRET));
    await vi.advanceTimersByTimeAsync(9_000);
    await running;
    slow.reject(new Error('too late as well'));
    await receiver.idle();
    expect((await receiver.receive(deliveryRequest([added], SECRET))).status).toBe(200);
    expect(eventCodes()).toEqual([
      'event_timed_out task.added',
      'event_failed task.added',
      'event_handled task.added',
    ]);
  });

  it('that keeps the process busy gets at most seven more events once the time is over', async () => {
    const { receiver, eventCodes, requestCodes } = setUpReceiver({ answerWithinMs: 20 });
    receiver.on('*', () => {
      const until = performance.now() + 3;
      while (performance.now() < until);
    });
    const events = Array.from({ length: 20 }, (_, number) => taskChanged(String(number)));
    const response = await receiver.receive(deliveryRequest(events, SECRET));
    expect(response.status).toBe(503);
    expect(requestCodes()).toEqual(['deadline_exceeded']);
    expect(eventCodes().length).toBe(20);
    expect(eventCodes().slice(8)).toEqual(
      Array.from({ length: 12 }, () => 'event_timed_out task.changed.name'),
    );
  });
});

describe('a heartbeat', () => {
  it('reaches its own handlers, without an event, and no other', async () => {
    const { receiver, requestCodes, eventCodes } = setUpReceiver();
    const calls: unknown[][] = [];
    receiver
      .on('heartbeat', (event, { hookId, attempt }) => void calls.push([event, hookId, attempt]))
      .on('*', () => void calls.push(['*']))
      .on('sync_error', () => void calls.push(['sync_error']));
    expect(await receiver.receive(deliveryRequest([], SECRET))).toEqual({
      status: 200,
      headers: {},
      body: '',
    });
    expect(calls).toEqual([[undefined, 'bugs', 1]]);
    expect(requestCodes()).toEqual(['heartbeat']);
    expect(eventCodes()).toEqual([]);
  });

  it('reaches its handlers every time, since each one is news', async () => {
    const { receiver } = setUpReceiver();
    let beats = 0;
    receiver.on('heartbeat', async () => void beats++);
    for (let turn = 0; turn < 3; turn++) await receiver.receive(deliveryRequest([], SECRET));
    expect(beats).toBe(3);
  });

  it.each<[string, () => void | Promise<void>]>([
    [
      'throws',
      () => {
        throw new Error('marker');
      },
    ],
    ['rejects', () => Promise.reject(new Error('marker'))],
  ])('is answered 200 although its handler %s, which is told', async (_name, handler) => {
    const { receiver, eventCodes, lines } = setUpReceiver();
    receiver.on('heartbeat', handler);
    expect((await receiver.receive(deliveryRequest([], SECRET))).status).toBe(200);
    expect(eventCodes()).toEqual(['event_failed heartbeat']);
    expect(lines).toMatchObject([{ level: 'error' }]);
    expect(lines[0]?.message).not.toContain('comes again');
  });

  it('is answered 200 at the deadline although its handler never settles', async () => {
    vi.useFakeTimers();
    const { receiver, eventCodes, lines } = setUpReceiver();
    receiver.on('heartbeat', () => new Promise(() => {}));
    const running = receiver.receive(deliveryRequest([], SECRET));
    await vi.advanceTimersByTimeAsync(9_000);
    expect((await running).status).toBe(200);
    expect(eventCodes()).toEqual(['event_timed_out heartbeat']);
    expect(lines).toMatchObject([{ message: expect.stringContaining('still at work') }]);
  });

  it('is not over before its handlers are, though it was answered at the deadline', async () => {
    vi.useFakeTimers();
    const { receiver } = setUpReceiver();
    const slow = defer();
    receiver.on('heartbeat', () => slow.promise);
    const running = receiver.receive(deliveryRequest([], SECRET));
    await vi.advanceTimersByTimeAsync(9_000);
    await running;
    let idle = false;
    const waiting = receiver.idle().then(() => {
      idle = true;
    });
    await vi.advanceTimersByTimeAsync(1);
    expect(idle).toBe(false);
    slow.resolve();
    await waiting;
  });
});

describe('an observer that comes while a delivery is handled', () => {
  it('hears of the event whose handler added it, and of what follows', async () => {
    const secrets = memorySecrets();
    await secrets.accept('bugs', SECRET, 'always');
    const receiver = createReceiver({ secrets, logger: false });
    const codes: string[] = [];
    receiver.on('*', ({ resource }) => {
      if (resource?.gid === '2') receiver.observe(({ code }) => void codes.push(code));
    });
    await receiver.receive(
      deliveryRequest(
        ['1', '2', '3'].map((gid) => taskChanged(gid)),
        SECRET,
      ),
    );
    expect(codes).toEqual(['event_handled', 'event_handled', 'delivery_handled']);
  });
});

describe('deliveries that are handled at once', () => {
  it('are a thousand at most; more get 503 until some are over', async () => {
    const { receiver, requestCodes } = setUpReceiver();
    const over = defer();
    receiver.on('*', () => over.promise);
    const running = Array.from({ length: 1_000 }, (_, index) =>
      receiver.receive(deliveryRequest([taskChanged(String(index))], SECRET)),
    );
    const refused = await receiver.receive(deliveryRequest([taskChanged('1000')], SECRET));
    expect(refused.status).toBe(503);
    expect(refused.headers).toHaveProperty('retry-after');
    expect(requestCodes()).toEqual(['overloaded']);
    over.resolve();
    expect(new Set((await Promise.all(running)).map(({ status }) => status))).toEqual(new Set([200]));
    expect((await receiver.receive(deliveryRequest([taskChanged('1000')], SECRET))).status).toBe(200);
  });

  it('are not counted where an adapter fails', async () => {
    const { receiver } = setUpReceiver();
    const genuine = deliveryRequest([taskChanged('1')], SECRET);
    const broken: HookRequest = {
      ...genuine,
      header(name) {
        if (name === 'traceparent') throw new Error('the adapter is broken');
        return genuine.header(name);
      },
    };
    for (let count = 0; count < 1_000; count++) expect((await receiver.receive(broken)).status).toBe(500);
    expect((await receiver.receive(genuine)).status).toBe(200);
  });
});
