import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { HookshakeError, type Inbox, type InboxWork, memoryInbox } from '../src/index.js';
import { defer } from './deferred.js';
import { deliveryRequest, signedRequest, taskChanged } from './hook-request.js';
import { SECRET, type SetupOptions, setUpReceiver } from './receiver-setup.js';

function setUp(options: SetupOptions & { inbox?: Inbox } = {}) {
  const inbox = options.inbox ?? memoryInbox();
  const setup = setUpReceiver({ ...options, inbox });
  onTestFinished(() => setup.receiver.close({ withinMs: 1 }));
  const deliver = async (...events: readonly unknown[]): Promise<number> =>
    (await setup.receiver.receive(deliveryRequest(events, SECRET))).status;
  const logged = () => setup.lines.map(({ message }) => /\((\w+), see docs/.exec(message)?.[1]);
  return { ...setup, inbox, deliver, logged };
}

function useFakeTimers(): void {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
}

describe('a receiver with an inbox', () => {
  it('answers 200 once the inbox has the delivery, and not before', async () => {
    let kept = () => {};
    const inbox = memoryInbox();
    const { receiver, requestCodes } = setUp({
      inbox: { ...inbox, append: () => new Promise((resolve) => (kept = () => resolve())) },
    });
    let status = 0;
    const answered = receiver.receive(deliveryRequest([taskChanged('1')], SECRET)).then((response) => {
      status = response.status;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(status).toBe(0);
    kept();
    await answered;
    expect(status).toBe(200);
    expect(requestCodes()).toEqual(['delivery_stored']);
  });

  it('hands the same events to handlers after the answer, with the key and the id of their delivery', async () => {
    const { receiver, deliver, events, requests, eventCodes } = setUp();
    const handled: unknown[] = [];
    receiver.on('task.changed', (event, { hookId, attempt, eventKey, deliveryId, receivedAt, signal }) => {
      handled.push(event);
      expect({ hookId, attempt, aborted: signal.aborted }).toEqual({
        hookId: 'bugs',
        attempt: 1,
        aborted: false,
      });
      expect(eventKey).toMatch(/^[\da-f]{64}$/);
      expect(deliveryId).toBe(requests()[0]?.deliveryId);
      expect(receivedAt).toEqual(new Date(Date.UTC(2026, 10, 2, 9)));
    });
    expect(
      await deliver(taskChanged('1'), { action: 'added', resource: { gid: '2', resource_type: 'story' } }, 5),
    ).toBe(200);
    expect(handled).toEqual([]);
    await receiver.start();
    await receiver.idle();
    expect(handled).toEqual([taskChanged('1')]);
    expect([...eventCodes()].sort()).toEqual([
      'event_handled task.changed.name',
      'event_malformed unknown',
      'event_unhandled story.added',
    ]);
    expect(events().every(({ deliveryId }) => deliveryId === requests()[0]?.deliveryId)).toBe(true);
  });

  it.each([
    { header: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', kept: true },
    { header: '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01', kept: false },
    { header: `00-${'0'.repeat(4_000)}`, kept: false },
    { header: undefined, kept: false },
  ])('hands on the trace context of the request, if it is one: $header', async ({ header, kept }) => {
    for (const inbox of [memoryInbox(), undefined]) {
      const { receiver } = setUpReceiver({ inbox });
      const seen: unknown[] = [];
      receiver.on('*', (_event, { traceparent }) => void seen.push(traceparent));
      await receiver.start();
      const headers = { traceparent: header };
      await receiver.receive(deliveryRequest([taskChanged('1')], SECRET, { headers }));
      await receiver.idle();
      expect(seen).toEqual([kept ? header : undefined]);
    }
  });

  it('drops what comes again', async () => {
    const { receiver, deliver, eventCodes } = setUp();
    let runs = 0;
    receiver.on('task.*', () => void runs++);
    await receiver.start();
    await deliver(taskChanged('1'));
    await deliver(taskChanged('1'), taskChanged('2'));
    await receiver.idle();
    expect(runs).toBe(2);
    expect(eventCodes()).toContain('event_duplicate task.changed.name');
  });

  it('tries a failing event again, then leaves it among the failed ones, from where it can be tried anew', async () => {
    const { receiver, inbox, deliver, eventCodes, logged } = setUp();
    let broken = true;
    const attempts: number[] = [];
    receiver.on('*', (_event, { attempt }) => {
      attempts.push(attempt);
      if (broken) throw new Error('a secret detail');
    });
    await receiver.start({ attempts: 3, backoffMs: 1 });
    await deliver(taskChanged('1'));
    await receiver.idle();
    expect(attempts).toEqual([1, 2, 3]);
    expect(eventCodes()).toEqual([
      ...Array.from({ length: 3 }, () => 'event_failed task.changed.name'),
      'event_given_up task.changed.name',
    ]);
    expect(logged()).toEqual(expect.arrayContaining(['event_failed', 'event_given_up']));
    const { items } = await inbox.failed();
    expect(items).toMatchObject([{ hookId: 'bugs', name: 'task.changed.name', attempts: 3 }]);
    expect(items[0]?.reason).not.toContain('a secret detail');

    broken = false;
    await inbox.retry(items[0]?.id ?? '');
    await receiver.idle();
    expect(attempts).toEqual([1, 2, 3, 1]);
    expect(await inbox.stats()).toMatchObject({ waiting: 0, running: 0, failed: 0 });
  });

  it('aborts the signal of a handler that takes too long, and tries the event again', async () => {
    const { receiver, deliver, eventCodes, logged } = setUp();
    const aborted: boolean[] = [];
    receiver.on('*', async (_event, { signal, attempt }) => {
      if (attempt > 1) return;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      aborted.push(signal.aborted);
    });
    await receiver.start({ handlerTimeoutMs: 5, backoffMs: 1 });
    await deliver(taskChanged('1'));
    await receiver.idle();
    expect(aborted).toEqual([true]);
    expect(eventCodes()).toEqual(['event_timed_out task.changed.name', 'event_handled task.changed.name']);
    expect(logged()).toContain('event_timed_out');
  });

  it('puts aside what is genuine but unreadable', async () => {
    const { receiver, inbox, logged } = setUp();
    receiver.on('*', () => {});
    await receiver.start();
    for (const body of ['no json', '{}']) {
      expect((await receiver.receive(signedRequest(body, SECRET))).status).toBe(200);
    }
    await receiver.idle();
    const { items } = await inbox.parked();
    expect(items.map((one) => Buffer.from(one.body).toString())).toEqual(['no json', '{}']);
    expect(logged()).toContain('delivery_parked');
  });

  // Node 26 writes any depth; the older ones do not.
  it('drops an event that is nested too deeply to be written, and handles its neighbours', async () => {
    const { receiver, eventCodes } = setUp();
    receiver.on('*', () => {});
    await receiver.start();
    const deep = `{"action":"changed","resource":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    const body = `{"events":[${deep},${JSON.stringify(taskChanged('1'))}]}`;
    expect((await receiver.receive(signedRequest(body, SECRET))).status).toBe(200);
    await receiver.idle();
    const code = canBeWritten(JSON.parse(deep)) ? 'event_handled' : 'event_malformed';
    expect(eventCodes().toSorted()).toEqual(['event_handled task.changed.name', `${code} unknown.changed`]);
  });

  // As in a deployment that adds a handler: the version without it must not take the event for handled.
  it('leaves an event that another worker split to those who have a handler for it', async () => {
    const inbox = memoryInbox();
    let split: InboxWork['split'] | undefined;
    const newer = setUp({
      inbox: {
        ...inbox,
        consume: async (work) => {
          split = work.split;
          return { stop: async () => {} };
        },
      },
    });
    newer.receiver.on('story.added', () => {});
    await newer.receiver.start();

    const older = setUp({
      inbox: { ...inbox, consume: (work) => inbox.consume({ ...work, split: (raw) => split?.(raw) }) },
    });
    older.receiver.on('task.changed', () => {});
    await older.receiver.start({ attempts: 1 });
    await older.deliver({ action: 'added', resource: { gid: '1', resource_type: 'story' } });
    await older.receiver.idle();
    expect(older.eventCodes()).toEqual(['event_unhandled story.added', 'event_given_up story.added']);
    expect((await inbox.failed()).items).toMatchObject([
      { name: 'story.added', reason: 'met only workers that have no handler for it' },
    ]);
  });

  it('answers an upload that is complete only after the end with the reason', async () => {
    const inbox = memoryInbox();
    let closed = false;
    const append: Inbox['append'] = async (raw) => {
      if (closed) throw new Error('closed');
      await inbox.append(raw);
    };
    const { receiver, requestCodes } = setUp({
      inbox: { ...inbox, append },
      close: async () => {
        closed = true;
      },
    });
    const upload = defer<Uint8Array>();
    const body = Buffer.from('{"events":[]}');
    const answer = receiver.receive(signedRequest(body, SECRET, { body: () => upload.promise }));
    await receiver.close({ withinMs: 1 });
    upload.resolve(body);
    expect((await answer).status).toBe(503);
    expect(requestCodes()).toEqual(['closing']);
  });

  it('calls heartbeat handlers, each time', async () => {
    const { receiver, deliver } = setUp();
    let heartbeats = 0;
    receiver.on('heartbeat', () => void heartbeats++);
    await receiver.start();
    await deliver();
    await deliver();
    await receiver.idle();
    expect(heartbeats).toBe(2);
  });

  it('keeps nothing but heartbeats from a secret that is not confirmed', async () => {
    const { receiver, store, inbox } = setUp({ holding: {} });
    let heartbeats = 0;
    receiver.on('heartbeat', () => void heartbeats++);
    const window = await receiver.expectHandshake('bugs', { confirm: true });
    await store.accept('bugs', SECRET, 'window');
    expect((await receiver.receive(deliveryRequest([taskChanged('1')], SECRET))).status).toBe(503);
    expect((await receiver.receive(deliveryRequest([], SECRET))).status).toBe(200);
    expect(heartbeats).toBe(0); // it may be a stranger's
    expect((await inbox.stats()).waiting).toBe(0);
    await window.confirm(SECRET);
    expect((await receiver.receive(deliveryRequest([taskChanged('1')], SECRET))).status).toBe(200);
    expect((await inbox.stats()).waiting).toBe(1);
  });

  it('answers 503 while the inbox is full or fails, and 200 afterwards', async () => {
    const full = setUp({ inbox: memoryInbox({ maxWaiting: 1 }) });
    expect(await full.deliver(taskChanged('1'))).toBe(200);
    expect(await full.deliver(taskChanged('2'))).toBe(503);
    expect(full.requestCodes()).toEqual(['delivery_stored', 'inbox_full']);

    const cause = new Error('disk');
    const failing = setUp({ inbox: { ...memoryInbox(), append: () => Promise.reject(cause) } });
    expect(await failing.deliver(taskChanged('1'))).toBe(503);
    expect(failing.requests()).toMatchObject([{ code: 'inbox_failed', error: { cause } }]);

    const slow = setUp({
      inbox: { ...memoryInbox(), append: () => new Promise(() => {}) },
      answerWithinMs: 20,
    });
    expect(await slow.deliver(taskChanged('1'))).toBe(503);
    expect(slow.requestCodes()).toEqual(['inbox_failed']);
  });

  it('leaves what it could not finish in the inbox at closing, and that is no failed try', async () => {
    const inbox = memoryInbox();
    const first = setUp({ inbox });
    let began = () => {};
    const running = new Promise<void>((resolve) => (began = resolve));
    first.receiver.on('*', async (_event, { signal }) => {
      began();
      await new Promise<never>((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('stopped'))),
      );
    });
    await first.receiver.start();
    await first.deliver(taskChanged('1'));
    await running;
    await first.receiver.close({ withinMs: 5 });
    expect(await first.deliver(taskChanged('2'))).toBe(503);
    expect(first.eventCodes()).toEqual([]);

    const second = setUp({ inbox });
    const attempts: number[] = [];
    second.receiver.on('*', (_event, { attempt }) => void attempts.push(attempt));
    await second.receiver.start();
    await second.receiver.idle();
    expect(attempts).toEqual([1]);
  });

  it.each([
    [
      'without the message of the error',
      new Error('postgres://user:password@host'),
      /^the worker cannot use its inbox: it threw Error at .* goes on trying \(/,
    ],
    [
      'in the words of the inbox where only somebody can mend it',
      new HookshakeError('store_unusable', "'hooks.db' was removed. Restart this process"),
      /^the worker cannot use its inbox: 'hooks.db' was removed. Restart this process \(/,
    ],
  ])('says once when its worker cannot use the inbox, %s', async (_how, error, said) => {
    let work: InboxWork | undefined;
    const inbox: Inbox = {
      ...memoryInbox(),
      durability: 'power',
      consume: async (given) => {
        work = given;
        return { stop: async () => {} };
      },
    };
    const { receiver, lines } = setUp({ inbox });
    receiver.on('*', () => {});
    await receiver.start();
    for (let count = 0; count < 3; count++) work?.troubled(error);
    expect(lines).toEqual([
      {
        level: 'error',
        details: { code: 'inbox_work_failed', subject: '' },
        message: expect.stringMatching(said),
      },
    ]);
    expect(JSON.stringify(lines)).not.toContain('password');
  });

  it.each<[string, Inbox['consume']]>([
    ['does not stop', async () => ({ stop: () => new Promise(() => {}) })],
    ['never starts', () => new Promise(() => {})],
  ])('is not waited for without end at closing when its worker %s', async (_what, consume) => {
    useFakeTimers();
    const { receiver, lines } = setUp({ inbox: { ...memoryInbox(), durability: 'power', consume } });
    receiver.on('*', () => {});
    void receiver.start();
    let closed = false;
    const closing = receiver.close({ withinMs: 1_000 }).then(() => {
      closed = true;
    });
    await vi.advanceTimersByTimeAsync(5_999);
    expect(closed).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await closing;
    expect(lines).toMatchObject([
      {
        level: 'error',
        details: { code: 'inbox_work_failed' },
        message: expect.stringContaining('stopped in time'),
      },
    ]);
  });

  it('says when deliveries are kept that nobody in this process handles', async () => {
    const { receiver, deliver, logged } = setUp();
    await deliver(taskChanged('1'));
    expect(logged()).toEqual(['inbox_in_memory']);
    receiver.observe(() => {});
    const other = setUp();
    other.receiver.on('*', () => {});
    await other.deliver(taskChanged('1'));
    expect(other.logged()).toEqual(['inbox_in_memory', 'inbox_not_started']);
  });

  it('says when something has waited for a minute and nobody takes it, whoever should have', async () => {
    useFakeTimers();
    const { receiver, deliver, logged } = setUp({ inbox: memoryInbox({ now: () => performance.now() }) });
    await deliver(taskChanged('1'));
    await vi.advanceTimersByTimeAsync(60_999);
    expect(logged()).toEqual(['inbox_in_memory']);
    await vi.advanceTimersByTimeAsync(1);
    expect(logged()).toEqual(['inbox_in_memory', 'inbox_not_worked']);
    await receiver.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is silent when all that came has been taken, and looks again as long as something waits', async () => {
    useFakeTimers();
    const inbox = memoryInbox({ now: () => performance.now() });
    const { receiver, deliver, logged } = setUp({ inbox });
    await deliver(taskChanged('1'));
    await inbox.forget('bugs');
    await vi.advanceTimersByTimeAsync(30_000);
    await deliver(taskChanged('2'));
    await vi.advanceTimersByTimeAsync(31_000);
    expect(logged()).toEqual(['inbox_in_memory']);
    await vi.advanceTimersByTimeAsync(61_000);
    expect(logged()).toEqual(['inbox_in_memory', 'inbox_not_worked']);
    await receiver.close();
  });
});

describe('start', () => {
  it('changes nothing without an inbox, and starts one worker however often it is called', async () => {
    const { receiver } = setUpReceiver();
    await receiver.start();
    receiver.on('*', () => {});

    let workers = 0;
    const inbox = memoryInbox();
    const counting: Inbox = {
      ...inbox,
      consume(work) {
        workers++;
        return inbox.consume(work);
      },
    };
    const withInbox = setUp({ inbox: counting });
    withInbox.receiver.on('*', () => {});
    await Promise.all([withInbox.receiver.start(), withInbox.receiver.start()]);
    expect(workers).toBe(1);
    expect(() => withInbox.receiver.on('*', () => {})).toThrow(/handler/i);
  });

  it('rejects without handlers, and leaves what the inbox holds to those who have some', async () => {
    const inbox = memoryInbox();
    const { receiver } = setUp({ inbox });
    await receiver.receive(deliveryRequest([taskChanged('1')], SECRET));
    await expect(receiver.start()).rejects.toMatchObject({ code: 'no_handlers' });
    expect(await inbox.stats()).toMatchObject({ waiting: 1 });

    const other = setUp({ inbox });
    const handled: unknown[] = [];
    other.receiver.on('task.changed', ({ resource }) => void handled.push(resource.gid));
    await other.receiver.start();
    await other.receiver.idle();
    expect(handled).toEqual(['1']);
  });

  it('rejects options that cannot be meant, and a closed receiver', async () => {
    const { receiver } = setUp();
    for (const options of [
      { concurrency: 0 },
      { attempts: 101 },
      { backoffMs: 0.5 },
      { handlerTimeoutMs: -1 },
    ]) {
      await expect(receiver.start(options)).rejects.toMatchObject({ code: 'invalid_option' });
    }
    await expect(receiver.start({ retries: 3 } as object)).rejects.toMatchObject({ code: 'invalid_option' });
    await receiver.close();
    await expect(receiver.start()).rejects.toMatchObject({ code: 'receiver_closed' });
    expect(() => setUpReceiver({ inbox: {} as Inbox })).toThrow(/`inbox`/);
  });

  it('passes on why an inbox could not be consumed, and closes all the same', async () => {
    const { receiver } = setUp({
      inbox: { ...memoryInbox(), consume: () => Promise.reject(new Error('no disk')) },
    });
    receiver.on('*', () => {});
    await expect(receiver.start()).rejects.toThrow('no disk');
    await receiver.close();
  });

  it('can be started again once the inbox is in reach', async () => {
    const inbox = memoryInbox();
    let isAway = true;
    const consume: Inbox['consume'] = async (work) => {
      if (isAway) throw new Error('no disk');
      return inbox.consume(work);
    };
    const { receiver } = setUp({ inbox: { ...inbox, consume } });
    receiver.on('*', () => {});
    await expect(receiver.start()).rejects.toThrow('no disk');
    isAway = false;
    await receiver.start();
    await receiver.close();
    await expect(receiver.start()).rejects.toMatchObject({ code: 'receiver_closed' });
  });
});

function canBeWritten(value: unknown): boolean {
  try {
    JSON.stringify(value);
    return true;
  } catch {
    return false;
  }
}
