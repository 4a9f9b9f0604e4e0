import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  createReceiver,
  HookshakeError,
  type Logger,
  memoryInbox,
  memorySecrets,
  type RequestCode,
} from '../src/index.js';
import { createNotice } from '../src/notices.js';
import { deliveryRequest, handshakeRequest, taskChanged } from './hook-request.js';
import { SECRET, setUpReceiver } from './receiver-setup.js';

const HOUR_MS = 3_600_000;

describe('the log of a receiver', () => {
  it('says how to accept a handshake that was refused, with its hook filled in', async () => {
    const { receiver, lines } = setUpReceiver();
    await receiver.receive(handshakeRequest('new', { hookId: 'tenants/42' }));
    expect(lines).toEqual([
      {
        level: 'warn',
        details: { code: 'handshake_refused', subject: 'tenants/42' },
        message: expect.stringContaining("await receiver.expectHandshake('tenants/42')"),
      },
    ]);
  });

  it('says which option a body is over, and that Asana deletes such a webhook', async () => {
    const { receiver, lines } = setUpReceiver({ maxBodyBytes: 1 });
    await receiver.receive(deliveryRequest([], SECRET, { headers: { 'content-length': '2' } }));
    expect(lines).toMatchObject([{ level: 'error', message: expect.stringContaining('`maxBodyBytes`') }]);
  });

  it('says what to do about a body that somebody read before', async () => {
    const { receiver, lines } = setUpReceiver();
    const body = () => Promise.reject(new HookshakeError('body_consumed', 'read already'));
    await receiver.receive(deliveryRequest([], SECRET, { body }));
    expect(lines).toMatchObject([{ level: 'error', message: expect.stringContaining('keepRawBody') }]);
  });

  it('says that a hook is full, and how to make room', async () => {
    const full = Array.from({ length: 16 }, (_, index) => `secret-${index}`);
    const { receiver, lines } = setUpReceiver({ holding: { bugs: full }, handshakes: () => true });
    await receiver.receive(handshakeRequest('new'));
    expect(lines).toMatchObject([
      { level: 'error', message: expect.stringContaining("receiver.forget('bugs'") },
    ]);
  });

  it.each([
    ['store_unusable', "'hooks.db' was removed. Restart this process"],
    ['not_migrated', 'Call migrate()'],
    ['secret_undecryptable', 'Add its key'],
  ] as const)('says in the words of a backend what only somebody can mend: %s', async (code, advice) => {
    const fail = () => Promise.reject(new HookshakeError(code, advice));
    const broken = setUpReceiver({ secrets: { ...memorySecrets(), find: fail } });
    const full = setUpReceiver({ inbox: { ...memoryInbox(), durability: 'power', append: fail } });
    for (const { receiver, lines } of [broken, full]) {
      await receiver.receive(deliveryRequest([], SECRET));
      expect(lines.at(-1)?.message).toContain(`will repeat it. ${advice} (`);
    }
  });

  it('says where the error is of a store that somebody else wrote, and nothing of it', async () => {
    const find = () => Promise.reject(new HookshakeError('internal_error', 'marker'));
    const { receiver, lines } = setUpReceiver({ secrets: { ...memorySecrets(), find } });
    await receiver.receive(deliveryRequest([], SECRET));
    expect(lines.at(-1)?.message).toMatch(
      /receiver\.observe\(\) has the error: outcome\.error, or its cause/,
    );
    expect(JSON.stringify(lines)).not.toContain('marker');
  });

  it('says where a handler failed, and which one', async () => {
    const { receiver, lines } = setUpReceiver();
    receiver.on('*', () => {
      throw new RangeError('marker');
    });
    await receiver.receive(deliveryRequest([taskChanged('1')], SECRET));
    expect(lines).toMatchObject([
      {
        level: 'error',
        message: expect.stringMatching(
          /'task\.changed\.name' threw RangeError at .*notices\.test\.ts:\d+:\d+/,
        ),
      },
    ]);
  });

  it('says nothing of what went well', async () => {
    const { receiver, lines } = setUpReceiver();
    receiver.on('task.*', () => {});
    await receiver.expectHandshake('bugs');
    await receiver.receive(handshakeRequest('new'));
    await receiver.receive(handshakeRequest('new'));
    await receiver.receive(deliveryRequest([], 'new'));
    await receiver.receive(deliveryRequest([taskChanged('1')], 'new'));
    expect(lines).toEqual([]);
  });

  it.each<[RequestCode, (parts: { hookId: string }) => ReturnType<typeof handshakeRequest>]>([
    ['handshake_refused', (parts) => handshakeRequest('new', parts)],
    ['handshake_malformed', (parts) => handshakeRequest('', parts)],
    ['unknown_hook', (parts) => deliveryRequest([], SECRET, parts)],
    [
      'signature_malformed',
      (parts) => deliveryRequest([], SECRET, { ...parts, headers: { 'x-hook-signature': 'x' } }),
    ],
  ])('says %s once a hook and hour, and of twenty hooks at most', async (code, request) => {
    const { receiver, lines, advance } = setUpReceiver({ holding: {} });
    const sendFrom = async (hooks: number): Promise<void> => {
      for (let turn = 0; turn < 2; turn++) {
        for (let hook = 0; hook < hooks; hook++) await receiver.receive(request({ hookId: `hook-${hook}` }));
      }
    };
    await sendFrom(2);
    expect(lines).toMatchObject([
      { details: { code, subject: 'hook-0' } },
      { details: { code, subject: 'hook-1' } },
    ]);
    await sendFrom(500);
    expect(lines).toHaveLength(20);
    advance(HOUR_MS - 1);
    await sendFrom(2);
    expect(lines).toHaveLength(20);
    advance(1);
    await sendFrom(2);
    expect(lines).toHaveLength(22);
  });

  it('is one line each time, whatever the cause', async () => {
    const { receiver, lines } = setUpReceiver({
      handshakes: () => Promise.reject(new Error('no')),
      maxBodyBytes: 500,
    });
    receiver.on('*', () => Promise.reject(new Error('one\ntwo\n    at three (four:5:6)')));
    await receiver.receive(handshakeRequest('new'));
    await receiver.receive(handshakeRequest(''));
    await receiver.receive(deliveryRequest([taskChanged('1')], SECRET));
    await receiver.receive(deliveryRequest([], 'forged'));
    await receiver.receive(deliveryRequest([], SECRET, { headers: { 'content-length': '501' } }));
    expect(lines.length).toBeGreaterThanOrEqual(5);
    for (const { message, details } of lines) {
      expect(message).not.toContain('\n');
      expect(message).toContain((details as { code: string }).code);
    }
  });

  it('says once that secrets in memory will be lost', () => {
    const lines: unknown[] = [];
    const logger: Logger = {
      warn: (details) => lines.push(details),
      error: (details) => lines.push(details),
    };
    createReceiver({ secrets: memorySecrets(), logger });
    expect(lines).toEqual([{ code: 'secrets_in_memory', subject: '' }]);
    createReceiver({ secrets: { ...memorySecrets(), durability: 'process' }, logger });
    createReceiver({ secrets: { ...memorySecrets(), durability: undefined }, logger });
    expect(lines).toHaveLength(1);
  });
});

const throwing = () => {
  throw new Error('disk full');
};
const rejecting = async () => throwing();

describe.each([
  { does: 'throws', broken: { warn: throwing, error: throwing } },
  { does: 'rejects', broken: { warn: rejecting, error: rejecting } },
])('a logger that $does', ({ broken }: { broken: Logger }) => {
  it('changes no answer, and brings nothing down', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const { receiver } = setUpReceiver({ logger: broken });
    receiver.on('*', () => {
      throw new Error('no');
    });
    receiver.observe(() => {
      throw new Error('no');
    });
    expect((await receiver.receive(handshakeRequest('new'))).status).toBe(403);
    expect((await receiver.receive(deliveryRequest([taskChanged('1')], SECRET))).status).toBe(500);
    expect((await receiver.receive(deliveryRequest([], 'forged'))).status).toBe(401);
    await new Promise(setImmediate);
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  it('keeps no receiver from being created', () => {
    expect(() => createReceiver({ secrets: memorySecrets(), logger: broken })).not.toThrow();
  });
});

describe('createNotice', () => {
  it('counts each code by itself', () => {
    const told: string[] = [];
    const notice = createNotice({ warn: (_details, message) => told.push(message), error() {} }, () => 0);
    for (let subject = 0; subject < 30; subject++) {
      notice('warn', 'first', String(subject), 'x');
      notice('warn', 'second', String(subject), 'x');
    }
    expect(told.filter((line) => line.includes('first'))).toHaveLength(20);
    expect(told.filter((line) => line.includes('second'))).toHaveLength(20);
  });

  it('tells on the console, unless it is given a logger', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    onTestFinished(() => warn.mockRestore());
    createNotice()('warn', 'redis_away', 'ECONNREFUSED', 'Redis is away');
    createNotice({ warn() {}, error() {} })('warn', 'redis_away', '', 'Redis is away');
    createNotice(false)('warn', 'redis_away', '', 'Redis is away');
    expect(warn.mock.calls).toEqual([['hookshake: Redis is away (redis_away, see docs/errors.md)']]);
  });
});
