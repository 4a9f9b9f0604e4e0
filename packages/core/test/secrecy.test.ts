import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  encrypted,
  type HookRequest,
  type HookResponse,
  HookshakeError,
  isHookshakeError,
  memorySecrets,
  type ReceiverOptions,
  sign,
} from '../src/index.js';
import { deliveryRequest, handshakeRequest, signedRequest, taskChanged } from './hook-request.js';
import { setUpReceiver } from './receiver-setup.js';

const MARK = 'MaRkEr';
const OWN = `${MARK}-own-secret`;

/** A change of a task with marks wherever a sender could put some. */
const event = {
  ...taskChanged(`${MARK}-gid`),
  message: `${MARK}-message`,
  user: { gid: `${MARK}-user`, resource_type: 'user' },
  [`${MARK}-property`]: `${MARK}-value`,
};

function markedError(): Error {
  const error = new TypeError(`${MARK}-message\n    at ${MARK} (${MARK}:1:1)`, { cause: new Error(MARK) });
  return Object.assign(error, { detail: MARK });
}

const rejectMarked = (): Promise<never> => Promise.reject(markedError());

const throwMarked = (): never => {
  throw markedError();
};

afterEach(() => {
  vi.restoreAllMocks();
});

/** Everything a receiver lets out; an error of somebody else's is the observer's own, as documented. */
async function everythingSaid(
  requests: readonly HookRequest[],
  options: Partial<ReceiverOptions>,
  handler?: () => void | Promise<void>,
): Promise<string> {
  const printed: unknown[] = [];
  for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, level).mockImplementation((...args) => void printed.push(args));
  }
  const toConsole = setUpReceiver({ holding: { bugs: [OWN] }, ...options, logger: undefined });
  const toLogger = setUpReceiver({ holding: { bugs: [OWN] }, ...options });
  const answers: HookResponse[] = [];
  for (const { receiver } of [toConsole, toLogger]) {
    if (handler !== undefined) receiver.on('*', handler).on('heartbeat', handler);
    for (const request of requests) answers.push(await receiver.receive(request));
  }
  const outcomes = toLogger.outcomes.map(({ error, ...outcome }) => ({
    ...outcome,
    error: isHookshakeError(error) ? `${error}` : undefined,
  }));
  expect(outcomes.length).toBeGreaterThan(0);
  return inspect(
    { printed, lines: toLogger.lines, outcomes, answers },
    { depth: null, maxStringLength: null },
  );
}

const genuine = deliveryRequest([event], OWN);
const heartbeat = deliveryRequest([], OWN);
const forged = deliveryRequest([event], `${MARK}-other-secret`);

describe('nothing that is secret is answered, logged or observed', () => {
  it.each<[string, HookRequest[], Partial<ReceiverOptions>, (() => void | Promise<void>)?]>([
    ['when a handshake is refused', [handshakeRequest(`${MARK}-new`)], {}],
    [
      'when a handshake is malformed',
      [handshakeRequest(`${MARK} ${MARK}`), handshakeRequest(MARK.repeat(50))],
      {},
    ],
    ['when the rule for handshakes throws', [handshakeRequest(`${MARK}-new`)], { handshakes: throwMarked }],
    ['when the rule for handshakes rejects', [handshakeRequest(`${MARK}-new`)], { handshakes: rejectMarked }],
    ['when a delivery is handled', [genuine, genuine, heartbeat], {}, () => {}],
    ['when a delivery is forged', [forged], {}],
    [
      'when a signature is malformed',
      [signedRequest('{}', 'x', { headers: { 'x-hook-signature': MARK } })],
      {},
    ],
    ['when a delivery is unreadable', [signedRequest(`${MARK}{`, OWN), signedRequest(`"${MARK}"`, OWN)], {}],
    ['when an entry is no event', [deliveryRequest([MARK, { [MARK]: MARK }], OWN)], {}],
    ['when a handler throws', [genuine, heartbeat], {}, throwMarked],
    ['when a handler rejects', [genuine, heartbeat], {}, rejectMarked],
    ['when a handler throws text', [genuine, heartbeat], {}, () => Promise.reject(MARK)],
    [
      'when a handler never settles',
      [genuine, heartbeat],
      { answerWithinMs: 5 },
      () => new Promise(() => {}),
    ],
    ['when a body fails', [deliveryRequest([event], OWN, { body: rejectMarked })], {}],
    [
      'when the hook id fails',
      [
        deliveryRequest([event], OWN, { hookId: throwMarked }),
        deliveryRequest([event], OWN, { hookId: `${MARK} /` }),
      ],
      {},
    ],
    [
      'when the store fails',
      [genuine, heartbeat, handshakeRequest(`${MARK}-new`)],
      { secrets: { ...memorySecrets(), find: rejectMarked, accept: throwMarked } },
    ],
  ])('%s', async (_name, requests, options, handler) => {
    const said = await everythingSaid(requests, options, handler);
    expect(said).not.toContain(MARK);
    for (const request of [genuine, forged]) expect(said).not.toContain(request.header('x-hook-signature'));
  });

  it('when an event names itself as Asana never would', async () => {
    const odd = [
      { ...event, action: `${MARK}\nhookshake: all is well` },
      { ...event, resource: { gid: '1', resource_type: `${MARK} type` } },
      { ...event, change: { field: `${MARK}-field`, action: 'changed' } },
    ];
    expect(await everythingSaid([deliveryRequest(odd, OWN)], {}, rejectMarked)).not.toContain(MARK);
  });

  it('nor anything very long, when an event has a very long name', async () => {
    const long = { ...event, action: 'x'.repeat(100_000) };
    const said = await everythingSaid([deliveryRequest([long], OWN)], {}, rejectMarked);
    expect(said.length).toBeLessThan(10_000);
  });

  it('when an entry cannot be decrypted', async () => {
    const inner = memorySecrets();
    await encrypted(inner, { key: new Uint8Array(32).fill(1) }).accept('bugs', OWN, 'always');
    const [held] = await inner.find('bugs');
    const secrets = encrypted(inner, { key: new Uint8Array(32).fill(2) });
    const said = await everythingSaid([genuine, handshakeRequest(`${MARK}-new`)], { secrets });
    expect(said).not.toContain(MARK);
    expect(said).not.toContain(held?.secret);
  });

  it('but for the echo of a handshake that was accepted', async () => {
    const { receiver, lines, outcomes } = setUpReceiver({ holding: {} });
    await receiver.expectHandshake('bugs');
    const answers = [
      await receiver.receive(handshakeRequest(OWN)),
      await receiver.receive(handshakeRequest(OWN)),
    ];
    expect(answers).toEqual([
      { status: 200, headers: { 'x-hook-secret': OWN }, body: '' },
      { status: 200, headers: { 'x-hook-secret': OWN }, body: '' },
    ]);
    expect(inspect({ lines, outcomes }, { depth: null })).not.toContain(MARK);
  });

  it('and the answer is the same text for one code, whoever asks', async () => {
    const { receiver } = setUpReceiver({ holding: { bugs: [OWN] } });
    const answers = await Promise.all(
      ['a', 'b/c', 'bugs'].map((hookId) =>
        receiver.receive(deliveryRequest([event], `${MARK}-${hookId}`, { hookId })),
      ),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });
});

describe('an error of hookshake', () => {
  it('says nothing of a secret or its signature', async () => {
    const { receiver } = setUpReceiver({ holding: {} });
    const window = await receiver.expectHandshake('bugs', { confirm: true });
    await receiver.receive(handshakeRequest(`${MARK}-new`));
    const errors: unknown[] = [
      await window.confirm(OWN).catch((error: unknown) => error),
      await window.confirm(OWN).catch((error: unknown) => error),
      await receiver.expectHandshake(`../${'x'.repeat(10)}`).catch((error: unknown) => error),
    ];
    expect(errors.every((error) => error instanceof HookshakeError)).toBe(true);
    const said = inspect(errors, { depth: null });
    expect(said).not.toContain(MARK);
    expect(said).not.toContain(sign('', OWN));
  });
});
