import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  HookshakeError,
  isHookshakeError,
  memoryInbox,
  memorySecrets,
  type Outcome,
  type SecretStore,
} from '../src/index.js';
import { defer } from './deferred.js';
import {
  createRequest,
  deliveryRequest,
  handshakeRequest,
  type RequestParts,
  taskChanged,
} from './hook-request.js';
import { SECRET, type SetupOptions, setUpReceiver } from './receiver-setup.js';

const withCode = (code: string) => expect.objectContaining({ code });

/** A request that is wrong in every way; tests mend it step by step, in the order of the checks. */
const wrong: RequestParts = {
  method: 'PUT',
  hookId: () => {
    throw new HookshakeError('mount_ambiguous', 'no rule tells the hook');
  },
  headers: { 'x-hook-secret': '', 'x-hook-signature': 'x', 'content-length': '999999999' },
  body: () => Promise.reject(new HookshakeError('body_consumed', 'read already')),
};

/** A receiver whose store and handlers note that they were called. */
function setUpWatched() {
  const store = memorySecrets();
  const calls: string[] = [];
  const secrets: SecretStore = {
    ...store,
    find(hookId) {
      calls.push('find');
      return store.find(hookId);
    },
    accept(hookId, secret, when) {
      calls.push('accept');
      return store.accept(hookId, secret, when);
    },
  };
  const setup = setUpReceiver({
    secrets,
    handshakes: () => {
      calls.push('rule');
      return false;
    },
  });
  setup.receiver.on('*', () => void calls.push('handler'));
  return { ...setup, store, calls };
}

describe('a request that is wrong in every way', () => {
  async function send(parts: RequestParts, prepare?: (setup: ReturnType<typeof setUpWatched>) => unknown) {
    const setup = setUpWatched();
    await prepare?.(setup);
    const request = createRequest(parts);
    const { status } = await setup.receiver.receive(request);
    return { status, code: setup.requestCodes().at(-1), asked: request.asked, calls: setup.calls };
  }

  it('is first of all too late, when the receiver is closing', async () => {
    const { status, code, asked, calls } = await send(wrong, ({ receiver }) => receiver.close());
    expect([status, code, asked, calls]).toEqual([503, 'closing', [], []]);
  });

  it('then has the wrong method', async () => {
    const { status, code, asked, calls } = await send(wrong);
    expect([status, code, asked, calls]).toEqual([405, 'method_not_allowed', ['method'], []]);
  });

  it('then comes to a mount that names no hook', async () => {
    const { status, code, asked, calls } = await send({ ...wrong, method: 'POST' });
    expect([status, code, asked, calls]).toEqual([500, 'mount_ambiguous', ['method', 'hook id'], []]);
  });

  it('then is a malformed handshake, whatever its signature', async () => {
    const { status, code, asked, calls } = await send({ ...wrong, method: 'POST', hookId: '..' });
    expect([status, code, calls]).toEqual([400, 'handshake_malformed', []]);
    expect(asked).toEqual(['method', 'hook id', 'x-hook-secret']);
  });

  it('then is a handshake for no hook', async () => {
    const headers = { ...wrong.headers, 'x-hook-secret': 'new' };
    const { status, code, calls } = await send({ ...wrong, method: 'POST', hookId: '..', headers });
    expect([status, code, calls]).toEqual([403, 'handshake_refused', []]);
  });

  it('then is a handshake that its rule and the store refuse', async () => {
    const headers = { ...wrong.headers, 'x-hook-secret': 'new' };
    const { status, code, asked, calls } = await send({ ...wrong, method: 'POST', hookId: 'bugs', headers });
    expect([status, code, calls]).toEqual([403, 'handshake_refused', ['rule', 'accept']]);
    expect(asked).not.toContain('body');
  });

  const { 'x-hook-secret': _, ...headers } = wrong.headers ?? {};
  const delivery: RequestParts = { ...wrong, method: 'POST', hookId: '..', headers };

  it('or is a delivery with a malformed signature, whatever its hook', async () => {
    const { status, code, asked, calls } = await send(delivery);
    expect([status, code, calls]).toEqual([401, 'signature_malformed', []]);
    expect(asked).toEqual(['method', 'hook id', 'x-hook-secret', 'x-hook-signature']);
  });

  const shaped: RequestParts = { ...delivery, headers: { ...headers, 'x-hook-signature': '0'.repeat(64) } };

  it('then is a delivery to no hook, which is not looked up', async () => {
    const { status, code, asked, calls } = await send(shaped);
    expect([status, code, calls]).toEqual([401, 'unknown_hook', []]);
    expect(asked).not.toContain('body');
  });

  const named: RequestParts = { ...shaped, hookId: 'bugs' };

  it('then is a delivery to a hook without secrets, whose body is not looked at', async () => {
    const { status, code, asked, calls } = await send(named);
    expect([status, code, calls]).toEqual([401, 'unknown_hook', ['find']]);
    expect(asked).toEqual(['method', 'hook id', 'x-hook-secret', 'x-hook-signature']);
  });

  const keepSecret = ({ store }: ReturnType<typeof setUpWatched>) => store.accept('bugs', SECRET, 'always');

  it('then has too long a body, which is not read', async () => {
    const { status, code, asked, calls } = await send(named, keepSecret);
    expect([status, code, calls]).toEqual([413, 'body_too_large', ['find']]);
    expect(asked).not.toContain('body');
  });

  const shorter: RequestParts = { ...named, headers: { 'x-hook-signature': '0'.repeat(64) } };

  it('then has a body that somebody read before', async () => {
    const { status, code, calls } = await send(shorter, keepSecret);
    expect([status, code, calls]).toEqual([500, 'body_consumed', ['find']]);
  });

  it('then was not signed by its hook', async () => {
    const { status, code, calls } = await send(
      { ...shorter, body: async () => Buffer.from('x') },
      keepSecret,
    );
    expect([status, code, calls]).toEqual([401, 'signature_mismatch', ['find']]);
  });

  it('and is handled when nothing is wrong with it', async () => {
    const setup = setUpWatched();
    await keepSecret(setup);
    expect((await setup.receiver.receive(deliveryRequest([taskChanged('1')], SECRET))).status).toBe(200);
    expect(setup.calls).toEqual(['find', 'handler']);
  });
});

describe('a request', () => {
  it('is read only after its hook was looked up', async () => {
    const store = memorySecrets();
    await store.accept('bugs', SECRET, 'always');
    const found = defer();
    const { receiver } = setUpReceiver({
      secrets: {
        ...store,
        async find(hookId) {
          await found.promise;
          return store.find(hookId);
        },
      },
    });
    const request = deliveryRequest([], SECRET);
    const running = receiver.receive(request);
    await setImmediate();
    expect(request.asked).not.toContain('body');
    found.resolve();
    expect((await running).status).toBe(200);
  });

  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'post', ''])(
    'by %s is told to be a POST',
    async (method) => {
      const { receiver } = setUpReceiver();
      const response = await receiver.receive(deliveryRequest([taskChanged('1')], SECRET, { method }));
      expect(response).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    },
  );

  it('is answered 500 when the function for its hook id throws', async () => {
    const { receiver, requests } = setUpReceiver();
    const hookId = (): never => {
      throw new Error('marker');
    };
    const response = await receiver.receive(deliveryRequest([], SECRET, { hookId }));
    expect(response).toMatchObject({ status: 500, body: 'hook_id_failed: the hook id could not be told' });
    expect(requests()).toMatchObject([{ code: 'hook_id_failed', hookId: undefined }]);
  });

  it('that the adapter cannot read is answered 500', async () => {
    const { receiver, requestCodes } = setUpReceiver();
    const broken = {
      ...createRequest(),
      header: (): never => {
        throw new Error('marker');
      },
    };
    expect((await receiver.receive({ ...broken, method: 'POST', hookId: 'bugs' })).status).toBe(500);
    expect(requestCodes()).toEqual(['internal_error']);
  });
});

describe('an error that says of itself that it is', () => {
  it.each(['constructor', 'delivery_handled', 'handshake_accepted'])(
    '%s is a failure all the same',
    async (code) => {
      const { receiver, requestCodes } = setUpReceiver();
      const body = () => Promise.reject(new HookshakeError(code as 'internal_error', 'x'));
      const { status } = await receiver.receive(deliveryRequest([], SECRET, { body }));
      expect([status, requestCodes()]).toEqual([500, ['internal_error']]);
      const hookId = () => {
        throw new HookshakeError(code as 'internal_error', 'x');
      };
      expect((await receiver.receive(deliveryRequest([], SECRET, { hookId }))).status).toBe(500);
      expect(requestCodes().at(-1)).toBe('hook_id_failed');
    },
  );
});

describe('on', () => {
  it('throws at a name that is none, and at a handler that is none', () => {
    const { receiver } = setUpReceiver();
    expect(() => receiver.on('task' as 'task.*', () => {})).toThrow(withCode('invalid_event_name'));
    expect(() => receiver.on('task.*', undefined as unknown as () => void)).toThrow(
      withCode('invalid_option'),
    );
  });

  it('says in the terminal that Asana has no such action, and of none that it has', () => {
    const { receiver, lines } = setUpReceiver();
    receiver.on('task.updated' as 'task.changed', () => {}).on('task.updated' as 'task.changed', () => {});
    for (const name of ['*', 'sync_error', 'heartbeat', 'story.*', 'task.changed.assignee'] as const) {
      receiver.on(name, () => {});
    }
    expect(lines.map(({ level, message }) => [level, message])).toEqual([
      ['warn', expect.stringMatching(/'task\.updated'.*added, changed, deleted.*\(event_name_unknown, /)],
    ]);
  });

  it('returns the receiver', () => {
    const { receiver } = setUpReceiver();
    expect(receiver.on('*', () => {})).toBe(receiver);
  });

  it.each<[string, readonly unknown[]]>([
    ['a delivery', [taskChanged('1')]],
    ['a heartbeat', []],
  ])('throws once %s has come', async (_name, events) => {
    const { receiver } = setUpReceiver();
    await receiver.receive(deliveryRequest(events, SECRET));
    expect(() => receiver.on('*', () => {})).toThrow(withCode('handler_too_late'));
  });

  it('may still be called after handshakes and forgeries', async () => {
    const { receiver } = setUpReceiver();
    await receiver.receive(handshakeRequest('new'));
    await receiver.receive(deliveryRequest([taskChanged('1')], 'forged'));
    expect(() => receiver.on('*', () => {})).not.toThrow();
  });
});

describe('observe', () => {
  it('tells of every request and every event, with what is known of them', async () => {
    const { receiver, outcomes } = setUpReceiver();
    receiver.on('task.*', () => {});
    await receiver.receive(deliveryRequest([taskChanged('1', 'due_on')], SECRET));
    await receiver.receive(createRequest({ method: 'GET' }));
    const duration = expect.toSatisfy((ms: number) => ms >= 0 && ms < 9_000);
    expect(outcomes).toEqual([
      {
        kind: 'event',
        code: 'event_handled',
        hookId: 'bugs',
        deliveryId: expect.any(String),
        name: 'task.changed.due_on',
        attempt: 1,
        durationMs: duration,
        error: undefined,
      },
      {
        kind: 'request',
        code: 'delivery_handled',
        status: 200,
        hookId: 'bugs',
        deliveryId: expect.any(String),
        durationMs: duration,
        error: undefined,
      },
      {
        kind: 'request',
        code: 'method_not_allowed',
        status: 405,
        hookId: undefined,
        deliveryId: undefined,
        durationMs: duration,
        error: undefined,
      },
    ]);
    expect(outcomes[0]).toHaveProperty('deliveryId', (outcomes[1] as { deliveryId?: string }).deliveryId);
  });

  it('ends when its result is called, for that listener alone', async () => {
    const { receiver } = setUpReceiver();
    const heard: string[] = [];
    const listener = (name: string) => (): void => void heard.push(name);
    const [first, second] = [listener('first'), listener('second')];
    const endFirst = receiver.observe(first);
    receiver.observe(second);
    const endAgain = receiver.observe(first);
    await receiver.receive(createRequest({ method: 'GET' }));
    endFirst();
    endFirst();
    await receiver.receive(createRequest({ method: 'GET' }));
    endAgain();
    await receiver.receive(createRequest({ method: 'GET' }));
    expect(heard).toEqual(['first', 'second', 'first', 'second', 'first', 'second']);
  });

  it('lets a listener throw, which changes no answer, keeps no other from listening, and is logged once', async () => {
    const { receiver, lines, requestCodes } = setUpReceiver();
    receiver.observe(() => {
      throw new Error('marker');
    });
    const heard: Outcome[] = [];
    receiver.observe((outcome) => void heard.push(outcome));
    for (let turn = 0; turn < 3; turn++) {
      expect((await receiver.receive(deliveryRequest([], SECRET))).status).toBe(200);
    }
    expect(heard).toHaveLength(3);
    expect(requestCodes()).toHaveLength(3);
    expect(lines).toMatchObject([{ level: 'error', details: { code: 'observer_failed' } }]);
  });

  it('takes care of a listener that rejects, which would end the process otherwise', async () => {
    const { receiver, lines, requestCodes } = setUpReceiver();
    const failing = Promise.reject(new Error('marker'));
    // Takes the rejection for the case that nobody else does, which would end this run.
    failing.catch(() => {});
    const taken = vi.spyOn(failing, 'then');
    receiver.observe(() => failing as unknown as undefined);
    await receiver.receive(deliveryRequest([], SECRET));
    await setImmediate();
    expect(taken).toHaveBeenCalledOnce();
    expect(requestCodes()).toEqual(['heartbeat']);
    expect(lines).toMatchObject([{ details: { code: 'observer_failed' } }]);
  });
});

describe('idle', () => {
  it('resolves at once when nothing goes on', async () => {
    await setUpReceiver().receiver.idle();
  });

  it('resolves when all requests are answered', async () => {
    const { receiver } = setUpReceiver();
    const [first, second] = [defer(), defer()];
    receiver.on('*', (event) => (event.resource?.gid === '1' ? first.promise : second.promise));
    const running = [
      receiver.receive(deliveryRequest([taskChanged('1')], SECRET)),
      receiver.receive(deliveryRequest([taskChanged('2')], SECRET)),
    ];
    let idle = 0;
    const waiting = [receiver.idle(), receiver.idle()].map((promise) => promise.then(() => void idle++));
    first.resolve();
    await running[0];
    await setImmediate();
    expect(idle).toBe(0);
    second.resolve();
    await Promise.all(waiting);
    expect(idle).toBe(2);
    await receiver.idle();
  });
});

/** Lets everything happen that waits for nothing but its turn. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await setImmediate();
}

afterEach(() => {
  vi.useRealTimers();
});

describe('close', () => {
  it('answers what comes from then on with 503, whatever it is', async () => {
    const { receiver, store } = setUpReceiver({ handshakes: () => true });
    await receiver.close();
    for (const request of [
      deliveryRequest([taskChanged('1')], SECRET),
      deliveryRequest([], SECRET),
      handshakeRequest('new'),
      createRequest({ method: 'GET' }),
    ]) {
      const response = await receiver.receive(request);
      expect(response).toEqual({
        status: 503,
        headers: { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '10' },
        body: 'closing: the receiver is shutting down; send it again',
      });
    }
    expect(await store.find('bugs')).toEqual([{ secret: SECRET }]);
  });

  it('lets what is being handled finish, and then closes the store, once', async () => {
    const calls: string[] = [];
    const { receiver } = setUpReceiver({
      close: async () => {
        calls.push('closed');
      },
    });
    const [started, slow] = [defer(), defer()];
    const signals: AbortSignal[] = [];
    receiver.on('*', async (_event, { signal }) => {
      signals.push(signal);
      started.resolve();
      await slow.promise;
      calls.push('handled');
    });
    const running = receiver.receive(deliveryRequest([taskChanged('1')], SECRET));
    await started.promise;
    const closing = [receiver.close(), receiver.close({ withinMs: 1 })];
    expect((await receiver.receive(deliveryRequest([taskChanged('2')], SECRET))).status).toBe(503);
    await turns();
    expect(calls).toEqual([]);
    slow.resolve();
    expect((await running).status).toBe(200);
    await Promise.all([...closing, receiver.close()]);
    expect(calls).toEqual(['handled', 'closed']);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });

  it('waits no longer than it is told, then aborts signals and answers 503', async () => {
    const calls: string[] = [];
    const { receiver } = setUpReceiver({
      close: async () => {
        calls.push('closed');
      },
    });
    const started = defer();
    receiver.on('*', (_event, { signal }) => {
      signal.addEventListener('abort', () => calls.push('aborted'));
      started.resolve();
      return new Promise(() => {});
    });
    const running = receiver.receive(deliveryRequest([taskChanged('1')], SECRET)).then((response) => {
      calls.push('answered');
      return response;
    });
    await started.promise;
    await receiver.close({ withinMs: 5 });
    expect(calls).toEqual(['aborted', 'answered', 'closed']);
    const response = await running;
    expect(response.status).toBe(503);
    expect(response.headers).toHaveProperty('retry-after');
  });

  it('waits no longer than it is told for a store that never answers', async () => {
    const { receiver } = setUpReceiver({
      secrets: { ...memorySecrets(), find: () => new Promise(() => {}) },
    });
    const running = receiver.receive(deliveryRequest([], SECRET));
    await receiver.close({ withinMs: 5 });
    expect((await running).status).toBe(503);
  });

  it('waits for handlers that run on after their answer', async () => {
    vi.useFakeTimers();
    const calls: string[] = [];
    const { receiver } = setUpReceiver({
      close: async () => {
        calls.push('closed');
      },
    });
    const slow = defer();
    receiver.on('*', async () => {
      await slow.promise;
      calls.push('handled');
    });
    const running = receiver.receive(deliveryRequest([taskChanged('1')], SECRET));
    await vi.advanceTimersByTimeAsync(9_000);
    expect((await running).status).toBe(503);
    vi.useRealTimers();
    const closing = receiver.close();
    await turns();
    expect(calls).toEqual([]);
    slow.resolve();
    await closing;
    expect(calls).toEqual(['handled', 'closed']);
  });

  it('closes nothing under what is being answered when its worker fails to stop, and rejects then', async () => {
    const calls: string[] = [];
    const failure = new Error('the inbox is away');
    const [started, slow] = [defer(), defer()];
    const { receiver } = setUpReceiver({
      inbox: {
        ...memoryInbox(),
        durability: 'power',
        consume: async () => ({ stop: () => Promise.reject(failure) }),
        append: async () => {
          started.resolve();
          await slow.promise;
          calls.push('appended');
        },
      },
      close: async () => {
        calls.push('closed');
      },
    });
    await receiver.on('*', () => {}).start();
    const running = receiver.receive(deliveryRequest([taskChanged('1')], SECRET));
    await started.promise;
    const closing = receiver.close();
    closing.catch(() => {});
    await turns();
    slow.resolve();
    expect((await running).status).toBe(200);
    await expect(closing).rejects.toBe(failure);
    expect(calls).toEqual(['appended', 'closed']);
  });

  it.each([
    ['an event', [taskChanged('1')]],
    ['a heartbeat', []],
  ])('runs no handler of %s whose upload ends later', async (_what, events) => {
    const handled: unknown[] = [];
    const { receiver } = setUpReceiver();
    for (const name of ['*', 'heartbeat'] as const) receiver.on(name, () => void handled.push(name));
    const arrived = defer<Uint8Array>();
    const whole = deliveryRequest(events, SECRET);
    const running = receiver.receive({
      method: 'POST',
      hookId: 'bugs',
      header: (name) => whole.header(name),
      body: () => arrived.promise,
    });
    await receiver.close({ withinMs: 1 });
    arrived.resolve(await whole.body(1_000, 1_000));
    expect((await running).status).toBe(503);
    expect(handled).toEqual([]);
  });

  it.each<[string, SetupOptions]>([
    ['a handler', {}],
    ['its secrets', { secrets: { ...memorySecrets(), find: () => new Promise(() => {}) } }],
    ['its inbox', { inbox: { ...memoryInbox(), append: () => new Promise(() => {}) } }],
  ])(
    'tells that it closed, and blames nobody, when it gives up on what waits for %s',
    async (_what, options) => {
      const { receiver, requestCodes, lines } = setUpReceiver(options);
      receiver.on('*', () => new Promise(() => {}));
      const running = receiver.receive(deliveryRequest([taskChanged('1')], SECRET));
      await setImmediate();
      const linesBefore = lines.length;
      await receiver.close({ withinMs: 5 });
      expect((await running).status).toBe(503);
      expect(requestCodes()).toEqual(['closing']);
      expect(lines.slice(linesBefore)).toEqual([]);
    },
  );

  it('refuses options that it does not have', async () => {
    const { receiver } = setUpReceiver();
    await expect(receiver.close({ timeoutMs: 5 } as object)).rejects.toEqual(withCode('invalid_option'));
    expect((await receiver.receive(deliveryRequest([], SECRET))).status).toBe(200);
  });

  it('rejects when the store cannot be closed', async () => {
    const failure = new Error('still busy');
    const { receiver } = setUpReceiver({ close: () => Promise.reject(failure) });
    await expect(receiver.close()).rejects.toBe(failure);
  });

  it.each([0, -1, 1.5, Number.NaN, 600_001, '10'])(
    'refuses to wait for %j milliseconds',
    async (withinMs) => {
      const { receiver } = setUpReceiver();
      await expect(receiver.close({ withinMs: withinMs as number })).rejects.toEqual(
        withCode('invalid_option'),
      );
      expect((await receiver.receive(deliveryRequest([], SECRET))).status).toBe(200);
    },
  );

  it('ends what the receiver is asked to do besides', async () => {
    const { receiver } = setUpReceiver();
    await receiver.close();
    await expect(receiver.expectHandshake('bugs')).rejects.toEqual(withCode('receiver_closed'));
    await expect(receiver.forget('bugs')).rejects.toEqual(withCode('receiver_closed'));
  });
});

it.each<[string, () => unknown]>([
  ['answers a promise', async () => 'bugs'],
  ['answers a promise that rejects', () => Promise.reject(new Error('marker'))],
])('a hookId function that %s has failed, and nothing rejects unheard', async (_what, hookId) => {
  const { receiver, requests } = setUpReceiver();
  const request = handshakeRequest('new', { hookId: hookId as () => string });
  expect((await receiver.receive(request)).status).toBe(500);
  expect(requests()).toMatchObject([
    { code: 'hook_id_failed', error: { cause: { message: expect.stringContaining('at once') } } },
  ]);
  await setImmediate();
});

describe('forget', () => {
  it('passes on which secret is meant, and nothing else', async () => {
    const { receiver, store } = setUpReceiver({ holding: { bugs: ['first', 'second'], chores: ['first'] } });
    await receiver.forget('bugs', { secret: 'first' });
    expect(await store.find('bugs')).toEqual([{ secret: 'second' }]);
    await receiver.forget('bugs');
    expect(await store.find('bugs')).toEqual([]);
    expect(await store.find('chores')).toEqual([{ secret: 'first' }]);
  });

  it('forgets the secret of a webhook', async () => {
    const { receiver, store } = setUpReceiver();
    const window = await receiver.expectHandshake('bugs', { confirm: true });
    await receiver.receive(handshakeRequest('new'));
    await window.confirm('new', { webhook: '42' });
    await receiver.forget('bugs', { webhook: '42' });
    expect(await store.find('bugs')).toEqual([{ secret: SECRET }]);
  });

  it.each([undefined, '', '/webhooks/asana/bugs'])('refuses the hook id %j', async (hookId) => {
    const { receiver } = setUpReceiver();
    await expect(receiver.forget(hookId as string)).rejects.toEqual(withCode('invalid_hook_id'));
  });

  it.each([{}, { webhook: undefined }, { secret: undefined }, { webhok: '42' }, null])(
    'refuses %o, which names no secret, and forgets none',
    async (which) => {
      const { receiver, store } = setUpReceiver();
      await expect(receiver.forget('bugs', which as unknown as { webhook: string })).rejects.toSatisfy(
        (error) => isHookshakeError(error, 'invalid_option'),
      );
      expect(await store.find('bugs')).toEqual([{ secret: SECRET }]);
    },
  );

  it('says so when the store fails', async () => {
    const cause = new Error('no such server');
    const { receiver } = setUpReceiver({
      secrets: { ...memorySecrets(), forget: () => Promise.reject(cause) },
    });
    const error: unknown = await receiver.forget('bugs').catch((reason) => reason);
    expect(error).toMatchObject({ code: 'store_failed', cause });
  });
});
