import { describe, expect, it } from 'vitest';
import {
  type HandshakeAttempt,
  memorySecrets,
  type ReceiverOptions,
  type SecretStore,
} from '../src/index.js';
import { defer } from './deferred.js';
import { deliveryRequest, handshakeRequest, taskChanged } from './hook-request.js';
import { SECRET, setUpReceiver } from './receiver-setup.js';

const NEW = 'a-secret-never-seen-before';

type Rule = NonNullable<ReceiverOptions['handshakes']>;

/** A rule's verdict on a handshake of a hook that nobody has met. */
async function judge(handshakes: Rule, hookId = 'bugs', answerWithinMs = 9_000) {
  const setup = setUpReceiver({ holding: {}, handshakes, answerWithinMs });
  const response = await setup.receiver.receive(handshakeRequest(NEW, { hookId }));
  return { ...setup, response, held: await setup.store.find(hookId) };
}

describe('a handshake, under expected', () => {
  it('is refused unless it was announced: not echoed, nothing stored', async () => {
    const { response, held, requestCodes } = await judge('expected');
    expect(response.status).toBe(403);
    expect(response.headers).not.toHaveProperty('x-hook-secret');
    expect(JSON.stringify(response)).not.toContain(NEW);
    expect(held).toEqual([]);
    expect(requestCodes()).toEqual(['handshake_refused']);
  });

  it('is echoed and stored when it was announced, once', async () => {
    const { receiver, store, requestCodes } = setUpReceiver({ holding: {} });
    await receiver.expectHandshake('bugs');
    const response = await receiver.receive(handshakeRequest(NEW));
    expect(response).toEqual({ status: 200, headers: { 'x-hook-secret': NEW }, body: '' });
    expect((await receiver.receive(handshakeRequest('another'))).status).toBe(403);
    expect(await store.find('bugs')).toEqual([{ secret: NEW }]);
    expect(requestCodes()).toEqual(['handshake_accepted', 'handshake_refused']);
  });

  it('is the default', async () => {
    const { receiver } = setUpReceiver({ holding: {}, handshakes: undefined });
    expect((await receiver.receive(handshakeRequest(NEW))).status).toBe(403);
  });

  it('leaves the secret of its hook as it is when a stranger sends it', async () => {
    const { receiver, store } = setUpReceiver();
    expect((await receiver.receive(handshakeRequest(NEW))).status).toBe(403);
    expect(await store.find('bugs')).toEqual([{ secret: SECRET }]);
    expect((await receiver.receive(deliveryRequest([], SECRET))).status).toBe(200);
    expect((await receiver.receive(deliveryRequest([], NEW))).status).toBe(401);
  });

  it('is echoed again when its secret is held, and closes no window', async () => {
    const { receiver, store, requestCodes } = setUpReceiver();
    await receiver.expectHandshake('bugs');
    expect(await receiver.receive(handshakeRequest(SECRET))).toEqual({
      status: 200,
      headers: { 'x-hook-secret': SECRET },
      body: '',
    });
    expect((await receiver.receive(handshakeRequest(NEW))).status).toBe(200);
    expect(await store.find('bugs')).toEqual([{ secret: SECRET }, { secret: NEW }]);
    expect(requestCodes()).toEqual(['handshake_known', 'handshake_accepted']);
  });

  it('is taken once when twenty race with different secrets', async () => {
    const { receiver, store } = setUpReceiver({ holding: {} });
    await receiver.expectHandshake('bugs');
    const secrets = Array.from({ length: 20 }, (_, index) => `racing-${index}`);
    const responses = await Promise.all(secrets.map((secret) => receiver.receive(handshakeRequest(secret))));
    const winners = secrets.filter((_, index) => responses[index]?.status === 200);
    expect(winners).toHaveLength(1);
    expect(await store.find('bugs')).toEqual([{ secret: winners[0] }]);
  });

  it('is refused as the seventeenth of its hook, and evicts none', async () => {
    const secrets = Array.from({ length: 16 }, (_, index) => `secret-${index}`);
    const { receiver, requestCodes } = setUpReceiver({ holding: { bugs: secrets } });
    await receiver.expectHandshake('bugs');
    const response = await receiver.receive(handshakeRequest(NEW));
    expect(response.status).toBe(403);
    expect(response.headers).not.toHaveProperty('x-hook-secret');
    expect(requestCodes()).toEqual(['handshake_full']);
    for (const secret of secrets) {
      expect((await receiver.receive(deliveryRequest([], secret))).status).toBe(200);
    }
  });

  it('is a handshake although it carries a good signature and events, which reach no handler', async () => {
    const { receiver, eventCodes } = setUpReceiver();
    let handled = 0;
    receiver.on('*', () => void handled++);
    await receiver.expectHandshake('bugs');
    const request = deliveryRequest([taskChanged('1')], SECRET, { headers: { 'x-hook-secret': NEW } });
    expect((await receiver.receive(request)).headers).toEqual({ 'x-hook-secret': NEW });
    expect(request.asked).not.toContain('body');
    expect(handled).toBe(0);
    expect(eventCodes()).toEqual([]);
  });
});

describe("a handshake's secret", () => {
  const visible = String.fromCharCode(...Array.from({ length: 94 }, (_, index) => 0x21 + index));

  it.each(['x', '0', 'a,b', '$&', "$1$$`$'", visible, 'x'.repeat(256)])(
    'is echoed exactly: %j',
    async (secret) => {
      const { receiver, store } = setUpReceiver({ holding: {} });
      await receiver.expectHandshake('bugs');
      expect((await receiver.receive(handshakeRequest(secret))).headers).toEqual({ 'x-hook-secret': secret });
      expect(await store.find('bugs')).toEqual([{ secret }]);
      expect((await receiver.receive(deliveryRequest([], secret))).status).toBe(200);
    },
  );

  it.each([
    ['empty', ''],
    ['257 characters', 'x'.repeat(257)],
    ['64 kilobytes', 'x'.repeat(65_536)],
    ['a space', ' '],
    ['two joined headers', 'one, two'],
    ['a space before', ' x'],
    ['a space behind', 'x '],
    ['a line break behind', 'x\n'],
    ['a tab', 'x\ty'],
    ['a NUL', 'x\0'],
    ['DEL', 'x\x7f'],
    ['ä in latin1', 'x\xe4'],
    ['another script', 'х'],
    ['an emoji', '💥'],
  ])('is refused when it is %s, and closes no window', async (_name, secret) => {
    const { receiver, store, requestCodes } = setUpReceiver({ holding: {}, handshakes: () => true });
    await receiver.expectHandshake('bugs');
    const response = await receiver.receive(handshakeRequest(secret));
    expect(response.status).toBe(400);
    expect(response.headers).not.toHaveProperty('x-hook-secret');
    expect(requestCodes()).toEqual(['handshake_malformed']);
    expect(await store.find('bugs')).toEqual([]);
    expect((await receiver.receive(handshakeRequest(NEW))).status).toBe(200);
  });
});

describe('a handshake, under { first }', () => {
  const handshakes = { first: ['bugs', 'default'] };

  it('is stored for a listed hook without a secret', async () => {
    const { response, held } = await judge(handshakes);
    expect(response).toEqual({ status: 200, headers: { 'x-hook-secret': NEW }, body: '' });
    expect(held).toEqual([{ secret: NEW }]);
  });

  it('is refused for a listed hook that has one', async () => {
    const { receiver, store } = setUpReceiver({ handshakes });
    expect((await receiver.receive(handshakeRequest(NEW))).status).toBe(403);
    expect(await store.find('bugs')).toEqual([{ secret: SECRET }]);
  });

  it.each(['chores', 'Bugs', 'bugs/a', 'bug'])('is refused for %s, which is not listed', async (hookId) => {
    const { response, held } = await judge(handshakes, hookId);
    expect(response.status).toBe(403);
    expect(held).toEqual([]);
  });

  it('is taken once when twenty race', async () => {
    const { receiver, store } = setUpReceiver({ holding: {}, handshakes });
    const responses = await Promise.all(
      Array.from({ length: 20 }, (_, index) => receiver.receive(handshakeRequest(`racing-${index}`))),
    );
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await store.find('bugs')).toHaveLength(1);
  });

  it('is taken beside a secret by a window all the same', async () => {
    const { receiver, store } = setUpReceiver({ handshakes });
    await receiver.expectHandshake('bugs', { confirm: true });
    expect((await receiver.receive(handshakeRequest(NEW))).status).toBe(200);
    expect(await store.find('bugs')).toMatchObject([{ secret: SECRET }, { secret: NEW, pending: true }]);
  });
});

describe('a handshake, under a rule of the user', () => {
  it.each<[string, Rule]>([
    ['says yes', () => true],
    ['says yes later', async () => true],
  ])('is stored when the rule %s', async (_name, rule) => {
    const { response, held } = await judge(rule);
    expect(response.status).toBe(200);
    expect(held).toEqual([{ secret: NEW }]);
  });

  it.each<[string, Rule]>([
    ['says no', () => false],
    ['says no later', async () => false],
  ])('is refused when the rule %s', async (_name, rule) => {
    const { response, held } = await judge(rule);
    expect(response.status).toBe(403);
    expect(held).toEqual([]);
  });

  it.each<[string, Rule]>([
    [
      'throws',
      () => {
        throw new Error('marker');
      },
    ],
    ['rejects', () => Promise.reject(new Error('marker'))],
    ['says nothing', (() => {}) as unknown as Rule],
    ['says a word', (() => 'yes') as unknown as Rule],
    ['says a word later', (async () => 'yes') as unknown as Rule],
  ])('is put off when the rule %s: 503, nothing stored', async (_name, rule) => {
    const { response, held, requestCodes } = await judge(rule);
    expect(response.status).toBe(503);
    expect(response.headers).toHaveProperty('retry-after');
    expect(response.headers).not.toHaveProperty('x-hook-secret');
    expect(held).toEqual([]);
    expect(requestCodes()).toEqual(['handshake_rule_failed']);
  });

  it('is put off when the rule never answers, within the time for the answer', async () => {
    const { response, held, requestCodes } = await judge(() => new Promise(() => {}), 'bugs', 5);
    expect(response.status).toBe(503);
    expect(held).toEqual([]);
    expect(requestCodes()).toEqual(['handshake_rule_failed']);
  });

  it('is not stored when the rule says yes after the answer was given', async () => {
    const verdict = defer<boolean>();
    const { response, store } = await judge(() => verdict.promise, 'bugs', 5);
    expect(response.status).toBe(503);
    verdict.resolve(true);
    await verdict.promise;
    expect(await store.find('bugs')).toEqual([]);
  });

  it('is stored beside other secrets', async () => {
    const { receiver, store } = setUpReceiver({ handshakes: () => true });
    expect((await receiver.receive(handshakeRequest(NEW))).status).toBe(200);
    expect(await store.find('bugs')).toEqual([{ secret: SECRET }, { secret: NEW }]);
  });

  it('is taken by a window although the rule says no', async () => {
    const { receiver } = setUpReceiver({ holding: {}, handshakes: () => false });
    await receiver.expectHandshake('bugs');
    expect((await receiver.receive(handshakeRequest(NEW))).status).toBe(200);
  });

  it('is shown to the rule by its hook and headers', async () => {
    const attempts: HandshakeAttempt[] = [];
    const { receiver } = setUpReceiver({
      handshakes: (attempt) => {
        attempts.push(attempt);
        return attempt.header('x-sender') === 'asana';
      },
    });
    const headers = { 'x-sender': 'asana' };
    expect((await receiver.receive(handshakeRequest(NEW, { hookId: 'a/b', headers }))).status).toBe(200);
    expect(attempts).toEqual([expect.objectContaining({ hookId: 'a/b' })]);
  });
});

describe('a handshake, for a path that names no hook', () => {
  it.each([undefined, '', 'a b', '../bugs', 'x'.repeat(201)])(
    'is refused without a look-up: %j',
    async (hookId) => {
      let calls = 0;
      const accept: SecretStore['accept'] = () => {
        calls++;
        return 'stored';
      };
      const { receiver, requests } = setUpReceiver({
        secrets: { ...memorySecrets(), accept },
        handshakes: () => true,
      });
      expect((await receiver.receive(handshakeRequest(NEW, { hookId }))).status).toBe(403);
      expect(calls).toBe(0);
      expect(requests()).toMatchObject([{ code: 'handshake_refused', hookId: undefined }]);
    },
  );
});

describe('a handshake, while its secret is pending', () => {
  async function takePending() {
    const setup = setUpReceiver();
    const window = await setup.receiver.expectHandshake('bugs', { confirm: true });
    await setup.receiver.receive(handshakeRequest(NEW));
    const names: string[] = [];
    setup.receiver.on('*', (event) => void names.push(event.action));
    return { ...setup, window, names };
  }

  it('lets heartbeats through', async () => {
    const { receiver, requestCodes } = await takePending();
    expect((await receiver.receive(deliveryRequest([], NEW))).status).toBe(200);
    expect(requestCodes()).toEqual(['handshake_accepted', 'heartbeat']);
  });

  it('puts off deliveries with events, which reach no handler', async () => {
    const { receiver, requestCodes, names } = await takePending();
    const response = await receiver.receive(deliveryRequest([taskChanged('1')], NEW));
    expect(response.status).toBe(503);
    expect(response.headers).toHaveProperty('retry-after');
    expect(requestCodes()).toEqual(['handshake_accepted', 'not_confirmed']);
    expect(names).toEqual([]);
  });

  it('puts off what nobody can read as well, since nobody vouches for it', async () => {
    const { receiver } = await takePending();
    expect((await receiver.receive(deliveryRequest(['x'], NEW))).status).toBe(503);
  });

  it('lets deliveries under a confirmed secret of the hook through', async () => {
    const { receiver, names } = await takePending();
    expect((await receiver.receive(deliveryRequest([taskChanged('1')], SECRET))).status).toBe(200);
    expect(names).toEqual(['changed']);
  });

  it('lets everything through once confirmed', async () => {
    const { receiver, window, names } = await takePending();
    await window.confirm(NEW);
    expect((await receiver.receive(deliveryRequest([taskChanged('1')], NEW))).status).toBe(200);
    expect(names).toEqual(['changed']);
  });

  it('lets nothing through after a mismatch, a cancel or ten minutes', async () => {
    const mismatch = await takePending();
    await expect(mismatch.window.confirm('another')).rejects.toThrow();
    const cancelled = await takePending();
    await cancelled.window.cancel();
    const expired = await takePending();
    expired.advance(600_000);
    for (const { receiver } of [mismatch, cancelled, expired]) {
      expect((await receiver.receive(deliveryRequest([], NEW))).status).toBe(401);
      expect((await receiver.receive(deliveryRequest([], SECRET))).status).toBe(200);
    }
  });
});

describe('a handshake, while the store is in trouble', () => {
  it.each<[string, SecretStore['accept']]>([
    ['rejects', () => Promise.reject(new Error('marker'))],
    [
      'throws',
      () => {
        throw new Error('marker');
      },
    ],
    ['never answers', () => new Promise(() => {})],
  ])('is put off when the store %s', async (_name, accept) => {
    const { receiver, requestCodes } = setUpReceiver({
      secrets: { ...memorySecrets(), accept },
      answerWithinMs: 5,
    });
    const response = await receiver.receive(handshakeRequest(NEW));
    expect(response.status).toBe(503);
    expect(response.headers).toHaveProperty('retry-after');
    expect(response.headers).not.toHaveProperty('x-hook-secret');
    expect(JSON.stringify(response)).not.toContain('marker');
    expect(requestCodes()).toEqual(['store_failed']);
  });
});

describe('a flood of handshakes', () => {
  it('meets a bound of a thousand that are judged at once, and keeps no delivery out', async () => {
    const answer = defer<'refused'>();
    const { store } = setUpReceiver();
    let asked = 0;
    const slow = setUpReceiver({
      secrets: {
        ...store,
        accept: () => {
          asked++;
          return answer.promise;
        },
      },
    });
    const flood = Array.from({ length: 1_500 }, (_, number) =>
      slow.receiver.receive(handshakeRequest(NEW, { hookId: `made-up-${number}` })),
    );
    await new Promise(setImmediate);
    expect(asked).toBe(1_000);
    expect(slow.requestCodes()).toEqual(Array(500).fill('overloaded'));
    expect((await slow.receiver.receive(deliveryRequest([], SECRET))).status).toBe(200);

    answer.resolve('refused');
    const statuses = (await Promise.all(flood)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 403)).toHaveLength(1_000);
    expect((await slow.receiver.receive(handshakeRequest(NEW))).status).toBe(403);
  });

  it('that a function never judges is let go when the time for the answer is over', async () => {
    const never = setUpReceiver({ handshakes: () => new Promise(() => {}), answerWithinMs: 1 });
    await Promise.all(Array.from({ length: 1_000 }, () => never.receiver.receive(handshakeRequest(NEW))));
    await never.receiver.receive(handshakeRequest(NEW));
    expect(never.requestCodes()).toEqual(Array(1_001).fill('handshake_rule_failed'));
  });
});

it.each([undefined, null, true, 'ok', 'constructor'])(
  'a store whose accept() answers %j has failed: 503, and the terminal says what it must answer',
  async (answer) => {
    const secrets = {
      ...memorySecrets(),
      durability: 'server',
      accept: () => answer,
    } as unknown as SecretStore;
    const { receiver, requestCodes, lines } = setUpReceiver({ secrets });
    expect((await receiver.receive(handshakeRequest(NEW))).status).toBe(503);
    expect(requestCodes()).toEqual(['store_failed']);
    expect(lines).toMatchObject([{ message: expect.stringContaining("must answer 'stored', 'known'") }]);
  },
);
