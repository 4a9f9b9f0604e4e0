import { describe, expect, it } from 'vitest';
import {
  encrypted,
  type HookRequest,
  HookshakeError,
  memorySecrets,
  type RequestCode,
  type SecretStore,
  type StoredSecret,
} from '../src/index.js';
import { capturedDeliveries } from './captured-deliveries.js';
import { defer } from './deferred.js';
import { deliveryRequest, type RequestParts, signedRequest, taskChanged } from './hook-request.js';
import { SECRET, setUpReceiver } from './receiver-setup.js';

const NOT_VERIFIED = 'not_verified: the signature does not prove this delivery genuine';

describe('a delivery', () => {
  it.each(capturedDeliveries)(
    'is genuine as captured: $title',
    async ({ secret, body, signature, names }) => {
      const { receiver, eventCodes } = setUpReceiver({ holding: { bugs: [secret] } });
      receiver.on('*', () => {});
      const request = signedRequest(body, 'x', { headers: { 'x-hook-signature': signature } });
      expect(await receiver.receive(request)).toEqual({ status: 200, headers: {}, body: '' });
      expect(eventCodes()).toEqual(names.map((name) => `event_handled ${name}`));
    },
  );

  it('is hashed as the bytes it came in, however it is written', async () => {
    const { receiver, requestCodes } = setUpReceiver();
    const bodies = [
      '{"events":[{"action":"x","url":"https:\\/\\/a"}]}',
      ' { "events" : [ { "action" : "x" } ] }\r\n',
      '{"events":[{"action":"x","n":1.0}]}',
      '{"events":[{"action":"\\u0078\\u00e4"}]}',
      '{"events":[{"action":"x","action":"y"}]}',
      '{"events":[{"z":1,"action":"x","a":1}]}',
      '{"events":[{"action":"ä💥"}]}',
    ];
    for (const body of bodies) expect((await receiver.receive(signedRequest(body, SECRET))).status).toBe(200);
    expect(new Set(requestCodes())).toEqual(new Set(['delivery_handled']));
  });

  it.each<[string, Uint8Array | string]>([
    ['nothing', ''],
    ['no JSON', 'events=[]'],
    ['no events', '{"data":[]}'],
    ['events that are no list', '{"events":{}}'],
    ['a list', '[]'],
    ['a byte order mark', '\ufeff{"events":[]}'],
    ['invalid UTF-8', Buffer.concat([Buffer.from('{"events":["'), Uint8Array.of(0xff), Buffer.from('"]}')])],
  ])(
    'that is genuine but holds %s is answered 200, as an error that repeating cannot mend',
    async (_name, body) => {
      const { receiver, requests, lines } = setUpReceiver();
      let handled = 0;
      receiver.on('*', () => void handled++).on('heartbeat', () => void handled++);
      expect((await receiver.receive(signedRequest(body, SECRET))).status).toBe(200);
      expect(requests()).toMatchObject([{ code: 'delivery_unreadable', status: 200 }]);
      expect(lines).toMatchObject([{ level: 'error', details: { code: 'delivery_unreadable' } }]);
      expect(handled).toBe(0);
    },
  );
});

describe('a delivery that is not genuine', () => {
  const genuine = deliveryRequest([taskChanged('1')], SECRET);
  const signature = genuine.header('x-hook-signature') ?? '';

  /** Its answer, its code, and whether it was looked up or its body read. */
  async function refuse(parts: RequestParts, holding?: Readonly<Record<string, readonly string[]>>) {
    const setup = setUpReceiver({ ...(holding !== undefined && { holding }) });
    let handled = 0;
    setup.receiver.on('*', () => void handled++);
    const request = deliveryRequest([taskChanged('1')], SECRET, parts);
    const response = await setup.receiver.receive(request);
    expect(handled).toBe(0);
    return { response, code: setup.requestCodes()[0], asked: request.asked };
  }

  it.each<[string, string | undefined]>([
    ['no signature', undefined],
    ['an empty one', ''],
    ['a short one', signature.slice(2)],
    ['one of odd length', signature.slice(1)],
    ['a long one', `${signature}00`],
    ['capitals', signature.toUpperCase()],
    ['a prefix', `sha256=${signature}`],
    ['junk behind', `${signature}xyz`],
    ['two joined headers', `${signature}, ${signature}`],
    ['more bytes than characters', 'é'.repeat(64)],
  ])('is refused for %s, without a look-up or a byte of its body', async (_name, odd) => {
    const { response, code, asked } = await refuse({ headers: { 'x-hook-signature': odd } });
    expect(response).toMatchObject({ status: 401, body: NOT_VERIFIED });
    expect(code).toBe('signature_malformed');
    expect(asked).not.toContain('body');
  });

  it('gets the same answer, to the byte, for an unknown hook and a wrong signature', async () => {
    const unknown = await refuse({ hookId: 'unknown' });
    const invalid = await refuse({ hookId: '../bugs' });
    const nameless = await refuse({ hookId: undefined });
    const wrong = await refuse({ headers: { 'x-hook-signature': '0'.repeat(64) } });
    const malformed = await refuse({ headers: { 'x-hook-signature': 'x' } });
    expect(unknown.code).toBe('unknown_hook');
    expect(invalid.code).toBe('unknown_hook');
    expect(nameless.code).toBe('unknown_hook');
    expect(wrong.code).toBe('signature_mismatch');
    for (const { response } of [invalid, nameless, wrong, malformed])
      expect(response).toEqual(unknown.response);
  });

  it('is refused when the hook has no secret, or an empty one', async () => {
    const signedWithNothing = deliveryRequest([taskChanged('1')], '').header('x-hook-signature');
    const headers = { 'x-hook-signature': signedWithNothing };
    expect((await refuse({ headers }, {})).response.status).toBe(401);
    expect((await refuse({ headers }, { bugs: [''] })).response.status).toBe(401);
  });

  it('is refused when one bit of its body differs', async () => {
    const body = Buffer.from(JSON.stringify({ events: [taskChanged('1')] }));
    for (let bit = 0; bit < body.length * 8; bit += 13) {
      const forged = Uint8Array.from(body);
      forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const { code } = await refuse({ body: async () => forged });
      expect(code).toBe('signature_mismatch');
    }
  });

  it('is refused when another hook’s secret signed it, while deliveries of both arrive', async () => {
    const { receiver } = setUpReceiver({
      holding: { bugs: ['secret-of-bugs', 'older'], chores: ['older', 'secret-of-chores'] },
    });
    const upload = defer<Uint8Array>();
    const body = Buffer.from(JSON.stringify({ events: [taskChanged('1')] }));
    const slow = receiver.receive(signedRequest(body, 'secret-of-chores', { body: () => upload.promise }));
    for (let turn = 0; turn < 5; turn++) {
      const [own, foreign] = await Promise.all([
        receiver.receive(signedRequest(body, 'secret-of-chores', { hookId: 'chores' })),
        receiver.receive(signedRequest(body, 'secret-of-chores', { hookId: 'bugs' })),
      ]);
      expect([own.status, foreign.status]).toEqual([200, 401]);
    }
    upload.resolve(body);
    expect((await slow).status).toBe(401);
  });
});

describe('the secrets of a hook', () => {
  const secrets = ['first', 'second', 'third', 'fourth'];

  it('are each tried', async () => {
    const { receiver } = setUpReceiver({ holding: { bugs: secrets } });
    for (const secret of [...secrets, ...secrets.toReversed()]) {
      expect((await receiver.receive(deliveryRequest([], secret))).status).toBe(200);
    }
    expect((await receiver.receive(deliveryRequest([], 'fifth'))).status).toBe(401);
  });

  it('verify no more once forgotten, not even the one that matched last', async () => {
    const { receiver } = setUpReceiver({ holding: { bugs: secrets } });
    expect((await receiver.receive(deliveryRequest([], 'third'))).status).toBe(200);
    await receiver.forget('bugs', { secret: 'third' });
    expect((await receiver.receive(deliveryRequest([], 'third'))).status).toBe(401);
    expect((await receiver.receive(deliveryRequest([], 'second'))).status).toBe(200);
    await receiver.forget('bugs');
    expect((await receiver.receive(deliveryRequest([], 'second'))).status).toBe(401);
  });

  it('verify no more once forgotten while the upload is in flight', async () => {
    const { receiver, requestCodes } = setUpReceiver({ holding: { bugs: ['first', 'second'] } });
    const started = [defer(), defer()];
    const upload = defer();
    const sendSlowly = (secret: string, index: number) => {
      const body = Buffer.from('{"events":[]}');
      return receiver.receive(
        signedRequest(body, secret, {
          async body() {
            started[index]?.resolve();
            await upload.promise;
            return body;
          },
        }),
      );
    };
    const running = [sendSlowly('first', 0), sendSlowly('second', 1)];
    await Promise.all(started.map(({ promise }) => promise));
    await receiver.forget('bugs', { secret: 'first' });
    upload.resolve();
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([401, 200]);
    expect(requestCodes().toSorted()).toEqual(['heartbeat', 'signature_mismatch']);
  });

  it('verify no more once forgotten while they are looked up a second time', async () => {
    const store = memorySecrets();
    for (const secret of ['first', 'second']) await store.accept('bugs', secret, 'always');
    const [lookedUpAgain, answer, upload] = [defer(), defer(), defer()];
    let lookUps = 0;
    const find: SecretStore['find'] = async (hookId) => {
      const held = await store.find(hookId);
      lookUps++;
      if (lookUps === 2) {
        lookedUpAgain.resolve();
        await answer.promise;
      }
      return held;
    };
    const { receiver } = setUpReceiver({ secrets: { ...store, find } });
    const body = Buffer.from('{"events":[]}');
    const uploading = defer();
    const running = receiver.receive(
      signedRequest(body, 'second', {
        async body() {
          uploading.resolve();
          await upload.promise;
          return body;
        },
      }),
    );
    await uploading.promise;
    await receiver.forget('bugs', { secret: 'first' });
    upload.resolve();
    await lookedUpAgain.promise;
    await receiver.forget('bugs', { secret: 'second' });
    answer.resolve();
    expect((await running).status).toBe(401);
  });

  it('are looked up anew for each delivery, so that an unknown hook becomes known at once', async () => {
    const { receiver, store } = setUpReceiver({ holding: {} });
    expect((await receiver.receive(deliveryRequest([], SECRET))).status).toBe(401);
    await store.accept('bugs', SECRET, 'always');
    expect((await receiver.receive(deliveryRequest([], SECRET))).status).toBe(200);
  });
});

describe('a delivery, while its secrets are out of reach', () => {
  it.each<[string, SecretStore['find']]>([
    ['rejects', () => Promise.reject(new Error('marker'))],
    [
      'throws',
      () => {
        throw new Error('marker');
      },
    ],
    ['never answers', () => new Promise<readonly StoredSecret[]>(() => {})],
  ])('gets 503 and is not read when the store %s', async (_name, find) => {
    const { receiver, requestCodes } = setUpReceiver({
      secrets: { ...memorySecrets(), find },
      answerWithinMs: 5,
    });
    const request = deliveryRequest([taskChanged('1')], SECRET);
    const response = await receiver.receive(request);
    expect(response.status).toBe(503);
    expect(response.headers).toHaveProperty('retry-after');
    expect(response.body).not.toContain('marker');
    expect(request.asked).not.toContain('body');
    expect(requestCodes()).toEqual(['store_failed']);
  });

  it('gets 503 by a secret that is pending in the words of a database', async () => {
    const find = () => [{ secret: SECRET, pending: 1 }];
    const { receiver, requestCodes, eventCodes } = setUpReceiver({
      secrets: { ...memorySecrets(), find } as unknown as SecretStore,
    });
    receiver.on('*', () => {});
    expect((await receiver.receive(deliveryRequest([taskChanged('1')], SECRET))).status).toBe(503);
    expect([requestCodes(), eventCodes()]).toEqual([['not_confirmed'], []]);
  });

  it('gets 503 when an entry cannot be decrypted', async () => {
    const store = memorySecrets();
    await encrypted(store, { key: new Uint8Array(32).fill(1) }).accept('bugs', SECRET, 'always');
    const { receiver, requests } = setUpReceiver({
      secrets: encrypted(store, { key: new Uint8Array(32).fill(2) }),
    });
    expect((await receiver.receive(deliveryRequest([], SECRET))).status).toBe(503);
    expect(requests()).toMatchObject([
      { code: 'store_failed', error: { cause: { code: 'secret_undecryptable' } } },
    ]);
  });
});

describe('the body of a delivery', () => {
  it('has to be bytes, whatever an adapter gives', async () => {
    const { receiver, requestCodes } = setUpReceiver();
    const body = '{"events":[]}';
    const request = signedRequest(body, SECRET, { body: async () => body as unknown as Uint8Array });
    expect((await receiver.receive(request)).status).toBe(500);
    expect(requestCodes()).toEqual(['body_consumed']);
  });

  it.each<[RequestCode, number]>([
    ['body_too_large', 413],
    ['body_stalled', 408],
    ['body_aborted', 400],
    ['body_consumed', 500],
    ['overloaded', 503],
  ])('that fails with %s is answered %i', async (code, status) => {
    const { receiver, requestCodes } = setUpReceiver();
    const body = () => Promise.reject(new HookshakeError(code, 'marker'));
    const response = await receiver.receive(deliveryRequest([], SECRET, { body }));
    expect(response.status).toBe(status);
    expect(response.body).toMatch(new RegExp(`^${code}: `));
    expect(response.body).not.toContain('marker');
    expect(requestCodes()).toEqual([code]);
  });

  it.each<[string, () => Promise<Uint8Array>]>([
    ['rejects with an error of the adapter', () => Promise.reject(new Error('marker'))],
    ['rejects with nothing', () => Promise.reject(undefined)],
    [
      'rejects with a code of no request',
      () => Promise.reject(new HookshakeError('invalid_option', 'marker')),
    ],
    [
      'throws',
      () => {
        throw new Error('marker');
      },
    ],
  ])('that %s is answered 500', async (_name, body) => {
    const { receiver, requestCodes } = setUpReceiver();
    const response = await receiver.receive(deliveryRequest([], SECRET, { body }));
    expect(response.status).toBe(500);
    expect(response.body).not.toContain('marker');
    expect(requestCodes()).toEqual(['internal_error']);
  });

  it('is not waited for when its length is announced over the limit', async () => {
    const { receiver, requestCodes } = setUpReceiver({ maxBodyBytes: 20 });
    for (const [length, status] of [
      ['20', 200],
      ['21', 413],
      ['99999999999999999999', 413],
      ['junk', 200],
      ['', 200],
    ] as const) {
      const request = deliveryRequest([], SECRET, { headers: { 'content-length': length } });
      expect((await receiver.receive(request)).status).toBe(status);
      expect(request.asked.includes('body')).toBe(status === 200);
    }
    expect(requestCodes()).toContain('body_too_large');
  });

  it('is asked for once, with the limits that hold', async () => {
    const asked: number[][] = [];
    const record =
      (request: HookRequest): HookRequest['body'] =>
      (maxBytes, withinMs) => {
        asked.push([maxBytes, withinMs]);
        return request.body(maxBytes, withinMs);
      };
    for (const options of [{}, { maxBodyBytes: 100, answerWithinMs: 60_000 }]) {
      const { receiver } = setUpReceiver(options);
      const request = deliveryRequest([], SECRET);
      const { hookId, method } = request;
      await receiver.receive({ hookId, method, header: request.header, body: record(request) });
    }
    expect(asked).toEqual([
      [4 * 1024 * 1024, expect.toSatisfy((withinMs: number) => withinMs > 0 && withinMs <= 9_000)],
      [100, 15_000],
    ]);
  });
});
