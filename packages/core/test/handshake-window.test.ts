import { describe, expect, it } from 'vitest';
import { type ExpectHandshakeOptions, memorySecrets, type SecretStore } from '../src/index.js';
import { handshakeRequest } from './hook-request.js';
import { setUpReceiver } from './receiver-setup.js';

const OWN = 'the-secret-of-asana';
const TEN_MINUTES_MS = 600_000;

const withCode = (code: string) => expect.objectContaining({ code });

describe('expectHandshake', () => {
  it.each(['', '/', 'a b', 'a//b', '../a', 'a%20b', 'ä', 'x'.repeat(201)])(
    'refuses the hook id %j',
    async (hookId) => {
      const { receiver } = setUpReceiver();
      await expect(receiver.expectHandshake(hookId)).rejects.toEqual(withCode('invalid_hook_id'));
    },
  );

  it.each<[string, object]>([
    ['withinMs', { withinMs: 0 }],
    ['withinMs', { withinMs: -1 }],
    ['withinMs', { withinMs: 0.5 }],
    ['withinMs', { withinMs: 3_600_001 }],
    ['withinMs', { withinMs: '60000' }],
    ['withinMs', { withinMs: Number.NaN }],
    ['confirming', { confirming: true }],
  ])('names `%s` when the options are %o', async (name, options) => {
    const { receiver } = setUpReceiver();
    const opening = receiver.expectHandshake('bugs', options as ExpectHandshakeOptions);
    await expect(opening).rejects.toEqual(withCode('invalid_option'));
    await expect(opening).rejects.toThrow(`\`${name}\``);
  });

  it.each([{}, { withinMs: 1 }, { withinMs: 3_600_000 }, { withinMs: undefined, confirm: undefined }])(
    'takes the options %o',
    async (options) => {
      const { receiver } = setUpReceiver();
      await expect(receiver.expectHandshake('bugs', options)).resolves.toBeDefined();
    },
  );

  it('waits for two minutes unless told', async () => {
    const { receiver, advance } = setUpReceiver({ holding: {} });
    await receiver.expectHandshake('bugs');
    await receiver.expectHandshake('chores');
    advance(119_999);
    expect((await receiver.receive(handshakeRequest(OWN))).status).toBe(200);
    advance(1);
    expect((await receiver.receive(handshakeRequest(OWN, { hookId: 'chores' }))).status).toBe(403);
  });

  it('rejects while a window of the hook is open, and leaves that one open', async () => {
    const { receiver } = setUpReceiver({ holding: {} });
    await receiver.expectHandshake('bugs');
    await expect(receiver.expectHandshake('bugs')).rejects.toEqual(withCode('window_already_open'));
    await receiver.expectHandshake('chores');
    expect((await receiver.receive(handshakeRequest(OWN))).status).toBe(200);
  });

  it('opens again once the window was taken, was cancelled or has expired', async () => {
    const { receiver, advance } = setUpReceiver({ holding: {} });
    await receiver.expectHandshake('bugs');
    await receiver.receive(handshakeRequest(OWN));
    const second = await receiver.expectHandshake('bugs');
    await second.cancel();
    await receiver.expectHandshake('bugs');
    advance(120_000);
    await expect(receiver.expectHandshake('bugs')).resolves.toBeDefined();
  });

  it.each([null, undefined])('takes the answer %j of a store for an open window', async (answer) => {
    const store = { ...memorySecrets(), open: () => answer } as unknown as SecretStore;
    const { receiver } = setUpReceiver({ secrets: store });
    await expect(receiver.expectHandshake('bugs')).rejects.toEqual(withCode('window_already_open'));
  });

  it.each([false, '', 7, {}])('takes the answer %j of a store for no window id', async (answer) => {
    const store = { ...memorySecrets(), open: () => answer } as unknown as SecretStore;
    const { receiver } = setUpReceiver({ secrets: store });
    const error: unknown = await receiver.expectHandshake('bugs').catch((reason) => reason);
    expect(error).toMatchObject({ code: 'store_failed', cause: { code: 'store_unusable' } });
  });

  it('rejects with what the store failed with as its cause', async () => {
    const cause = new Error('no such server');
    const store = { ...memorySecrets(), open: () => Promise.reject(cause) };
    const { receiver } = setUpReceiver({ secrets: store });
    const error: unknown = await receiver.expectHandshake('bugs').catch((reason) => reason);
    expect(error).toMatchObject({ code: 'store_failed', cause });
  });
});

describe('HandshakeWindow', () => {
  async function takeConfirming(secret: string) {
    const setup = setUpReceiver({ holding: { bugs: ['an-earlier-secret'] } });
    const window = await setup.receiver.expectHandshake('bugs', { confirm: true });
    expect((await setup.receiver.receive(handshakeRequest(secret))).status).toBe(200);
    return { ...setup, window };
  }

  it('keeps the secret that is confirmed, with its webhook', async () => {
    const { window, store } = await takeConfirming(OWN);
    await window.confirm(OWN, { webhook: '42' });
    expect(await store.find('bugs')).toEqual([
      { secret: 'an-earlier-secret' },
      { secret: OWN, webhook: '42' },
    ]);
  });

  it('throws at another secret than came, forgets that one, and touches no other', async () => {
    const { window, store } = await takeConfirming('a-secret-of-a-stranger');
    await expect(window.confirm(OWN)).rejects.toEqual(withCode('handshake_mismatch'));
    expect(await store.find('bugs')).toEqual([{ secret: 'an-earlier-secret' }]);
    await expect(window.confirm('a-secret-of-a-stranger')).rejects.toEqual(withCode('handshake_missing'));
  });

  it.each([undefined, true, 'yes'])('confirms nothing when the store answers %j', async (answer) => {
    const store = { ...memorySecrets(), settle: () => answer } as unknown as SecretStore;
    const { receiver } = setUpReceiver({ secrets: store });
    const window = await receiver.expectHandshake('bugs', { confirm: true });
    const error: unknown = await window.confirm(OWN).catch((reason) => reason);
    expect(error).toMatchObject({ code: 'store_failed', cause: { code: 'store_unusable' } });
  });

  it.each([{ webhok: '42' }, { webhook: 42 }])(
    'confirms nothing under %o, by which nobody could forget it',
    async (details) => {
      const { window, store } = await takeConfirming(OWN);
      await expect(window.confirm(OWN, details as object)).rejects.toEqual(withCode('invalid_option'));
      expect(await store.find('bugs')).toMatchObject([{}, { secret: OWN, pending: true }]);
    },
  );

  it('says nothing of either secret when they differ', async () => {
    const { window } = await takeConfirming('a-secret-of-a-stranger');
    const error: unknown = await window.confirm(OWN).catch((reason) => reason);
    expect(`${error}`).not.toMatch(/stranger-|secret-of/);
  });

  it('throws when no handshake came, and closes', async () => {
    const { receiver } = setUpReceiver({ holding: {} });
    const window = await receiver.expectHandshake('bugs', { confirm: true });
    await expect(window.confirm(OWN)).rejects.toEqual(withCode('handshake_missing'));
    expect((await receiver.receive(handshakeRequest(OWN))).status).toBe(403);
  });

  it('confirms until ten minutes have passed, and then throws', async () => {
    const early = await takeConfirming(OWN);
    early.advance(TEN_MINUTES_MS - 1);
    await early.window.confirm(OWN);
    const late = await takeConfirming(OWN);
    late.advance(TEN_MINUTES_MS);
    await expect(late.window.confirm(OWN)).rejects.toEqual(withCode('handshake_missing'));
    expect(await late.store.find('bugs')).toEqual([{ secret: 'an-earlier-secret' }]);
  });

  it('has nothing to confirm unless it was opened to confirm', async () => {
    const { receiver, store } = setUpReceiver({ holding: {} });
    const window = await receiver.expectHandshake('bugs');
    await receiver.receive(handshakeRequest(OWN));
    await expect(window.confirm(OWN)).rejects.toEqual(withCode('window_not_confirming'));
    expect(await store.find('bugs')).toEqual([{ secret: OWN }]);
  });

  it('takes no handshake once it was cancelled', async () => {
    const { receiver, store } = setUpReceiver({ holding: {} });
    const window = await receiver.expectHandshake('bugs');
    await window.cancel();
    expect((await receiver.receive(handshakeRequest(OWN))).status).toBe(403);
    expect(await store.find('bugs')).toEqual([]);
    await window.cancel();
  });

  it('forgets its unconfirmed secret when it is cancelled, and nothing else', async () => {
    const { window, store } = await takeConfirming(OWN);
    await window.cancel();
    expect(await store.find('bugs')).toEqual([{ secret: 'an-earlier-secret' }]);
  });

  it('keeps a confirmed secret when it is cancelled', async () => {
    const { window, store } = await takeConfirming(OWN);
    await window.confirm(OWN);
    await window.cancel();
    expect(await store.find('bugs')).toContainEqual(expect.objectContaining({ secret: OWN }));
  });

  it('does not cancel the window after it', async () => {
    const { receiver } = setUpReceiver({ holding: {} });
    const first = await receiver.expectHandshake('bugs');
    await first.cancel();
    await receiver.expectHandshake('bugs');
    await first.cancel();
    expect((await receiver.receive(handshakeRequest(OWN))).status).toBe(200);
  });
});
