import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memorySecrets, type SecretStore, type StoredSecret } from '../src/index.js';
import { defer } from './deferred.js';
import { deliveryRequest } from './hook-request.js';
import { SECRET, setUpReceiver } from './receiver-setup.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A receiver over a store whose look-ups are counted, and can be held up. */
function setUp({ cacheable = true, holding = [SECRET] }: { cacheable?: boolean; holding?: string[] } = {}) {
  const inner = memorySecrets();
  for (const secret of holding) void inner.accept('bugs', secret, 'always');
  const find = vi.fn<SecretStore['find']>(async (hookId) => await inner.find(hookId));
  const store: SecretStore = { ...inner, durability: 'server', cacheable, find };
  const { receiver } = setUpReceiver({ secrets: store });
  return {
    inner,
    find,
    receiver,
    deliver: async (secret: string, hookId = 'bugs') =>
      (await receiver.receive(deliveryRequest([], secret, { hookId }))).status,
  };
}

describe('the secrets of a hook', () => {
  it('are looked up for each delivery where the store says nothing else', async () => {
    const { deliver, find } = setUp({ cacheable: false });
    for (let count = 0; count < 3; count++) expect(await deliver(SECRET)).toBe(200);
    expect(find).toHaveBeenCalledTimes(3);
    expect(await deliver('forged')).toBe(401);
    expect(find).toHaveBeenCalledTimes(4);
  });

  it('are remembered for four seconds where the store allows it', async () => {
    const { deliver, find } = setUp();
    for (let count = 0; count < 3; count++) expect(await deliver(SECRET)).toBe(200);
    vi.advanceTimersByTime(3_999);
    expect(await deliver(SECRET)).toBe(200);
    expect(find).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    expect(await deliver(SECRET)).toBe(200);
    expect(find).toHaveBeenCalledTimes(2);
  });

  it('are asked for anew where a look-up has not been answered for five seconds', async () => {
    const { deliver, find, inner } = setUp();
    find.mockImplementationOnce(() => new Promise(() => {}));
    const first = deliver(SECRET);
    await vi.advanceTimersByTimeAsync(4_999);
    const second = deliver(SECRET);
    await vi.advanceTimersByTimeAsync(1);
    expect(find).toHaveBeenCalledTimes(1);
    expect(await deliver(SECRET)).toBe(200);
    expect(find).toHaveBeenCalledTimes(2);
    expect(await inner.find('bugs')).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(await Promise.all([first, second])).toEqual([503, 503]);
  });

  it('verify no more four seconds after another process forgot them', async () => {
    const { deliver, inner } = setUp();
    expect(await deliver(SECRET)).toBe(200);
    await inner.forget('bugs');
    vi.advanceTimersByTime(3_999);
    expect(await deliver(SECRET)).toBe(200);
    vi.advanceTimersByTime(1);
    expect(await deliver(SECRET)).toBe(401);
  });

  it.each([
    ['a store that allows to remember', true],
    ['a store that does not', false],
  ])(
    'verify nothing five seconds after another process forgot them, however slow the upload: %s',
    async (_of, cacheable) => {
      const { deliver, inner, receiver } = setUp({ cacheable });
      expect(await deliver(SECRET)).toBe(200);
      vi.advanceTimersByTime(3_999);
      const bodies = [defer<Uint8Array>(), defer<Uint8Array>()] as const;
      const whole = deliveryRequest([], SECRET);
      const slow = bodies.map(({ promise }) =>
        receiver.receive({
          method: 'POST',
          hookId: 'bugs',
          header: (name) => whole.header(name),
          body: () => promise,
        }),
      );
      await inner.forget('bugs');
      const bytes = await whole.body(1_000, 1_000);
      await vi.advanceTimersByTimeAsync(999);
      bodies[0].resolve(bytes);
      expect((await slow[0])?.status).toBe(200);
      await vi.advanceTimersByTimeAsync(1);
      bodies[1].resolve(bytes);
      expect((await slow[1])?.status).toBe(401);
    },
  );

  it('verify no more at once when this receiver forgot them', async () => {
    const { deliver, receiver } = setUp();
    expect(await deliver(SECRET)).toBe(200);
    await receiver.forget('bugs');
    expect(await deliver(SECRET)).toBe(401);
  });

  it('verify no more when they were forgotten while they were looked up', async () => {
    const { deliver, receiver, find, inner } = setUp();
    const stale = await inner.find('bugs');
    const answer = defer<typeof stale>();
    find.mockImplementationOnce(() => answer.promise);
    const [first, second] = [deliver(SECRET), deliver(SECRET)];
    await receiver.forget('bugs');
    answer.resolve(stale);
    expect([await first, await second, await deliver(SECRET)]).toEqual([401, 401, 401]);
  });

  it('are looked up again when they verify nothing, so that a new one works at once', async () => {
    const { deliver, inner } = setUp();
    expect(await deliver(SECRET)).toBe(200);
    await inner.accept('bugs', 'new', 'always');
    expect(await deliver('new')).toBe(200);
    expect(await deliver(SECRET)).toBe(200);
  });

  it('are looked up again once for all that come with a new one together', async () => {
    const { deliver, inner, find } = setUp();
    expect(await deliver(SECRET)).toBe(200);
    await inner.accept('bugs', 'new', 'always');
    expect(await Promise.all([deliver('new'), deliver('new'), deliver('new')])).toEqual([200, 200, 200]);
    expect(find).toHaveBeenCalledTimes(2);
  });

  it('are those that others found while the body was on its way', async () => {
    const { deliver, inner, receiver } = setUp();
    expect(await deliver(SECRET)).toBe(200);
    const body = defer<Uint8Array>();
    const whole = deliveryRequest([], 'new');
    const slow = receiver.receive({
      method: 'POST',
      hookId: 'bugs',
      header: (name) => whole.header(name),
      body: () => body.promise,
    });
    await vi.advanceTimersByTimeAsync(1);
    await inner.accept('bugs', 'new', 'always');
    expect(await deliver('new')).toBe(200);
    body.resolve(await whole.body(1_000, 1_000));
    expect((await slow).status).toBe(200);
  });

  it('are looked up again once a second at most, whatever strangers send', async () => {
    const { deliver, find, inner } = setUp();
    expect(await deliver(SECRET)).toBe(200);
    for (let count = 0; count < 50; count++) expect(await deliver('forged')).toBe(401);
    expect(find).toHaveBeenCalledTimes(2);
    await inner.accept('bugs', 'new', 'always');
    expect(await deliver('new')).toBe(401);
    vi.advanceTimersByTime(1_000);
    expect(await deliver('new')).toBe(200);
    expect(find).toHaveBeenCalledTimes(3);
  });

  it('are looked up once for deliveries that come together', async () => {
    const { deliver, find } = setUp();
    const statuses = await Promise.all(Array.from({ length: 20 }, () => deliver(SECRET)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(find).toHaveBeenCalledTimes(1);
  });

  it.each([true, false])(
    'are looked up for a thousand made-up hooks at once, and not for more',
    async (cacheable) => {
      const { deliver, find } = setUp({ cacheable });
      expect(await deliver(SECRET)).toBe(200);
      vi.advanceTimersByTime(5_000);
      const answer = defer<readonly StoredSecret[]>();
      find.mockImplementation(async (hookId) =>
        hookId === 'bugs' ? [{ secret: SECRET }] : await answer.promise,
      );
      const waiting = Array.from({ length: 1_000 }, (_, index) => deliver(SECRET, `made-up-${index}`));
      expect(await deliver(SECRET, 'one-more')).toBe(503);
      expect(find).toHaveBeenCalledTimes(1_001);
      expect(await deliver(SECRET)).toBe(200);
      answer.resolve([]);
      expect(new Set(await Promise.all(waiting))).toEqual(new Set([401]));
      expect(await deliver(SECRET, 'one-more')).toBe(401);
    },
  );

  it('keep no delivery out, however many wait for the first look-up of one hook', async () => {
    const { deliver } = setUp();
    const statuses = await Promise.all(Array.from({ length: 1_500 }, () => deliver('forged')));
    expect(new Set(statuses)).toEqual(new Set([401]));
  });

  it('are not remembered when there are none', async () => {
    const { deliver, find, inner } = setUp({ holding: [] });
    expect([await deliver(SECRET), await deliver(SECRET)]).toEqual([401, 401]);
    expect(find).toHaveBeenCalledTimes(2);
    await inner.accept('bugs', SECRET, 'always');
    expect(await deliver(SECRET)).toBe(200);
  });

  it('are not remembered while one of them is pending', async () => {
    const { deliver, find, inner } = setUp({ holding: [] });
    const id = await inner.open('bugs', { withinMs: 1_000, confirm: true });
    await inner.accept('bugs', SECRET, 'window');
    expect(await deliver(SECRET)).toBe(200);
    await inner.settle('bugs', id ?? '', null);
    expect(await deliver(SECRET)).toBe(401);
    expect(find).toHaveBeenCalledTimes(2);
  });

  it('are not remembered when the look-up failed', async () => {
    const { deliver, find } = setUp();
    find.mockRejectedValueOnce(new Error('away'));
    expect([await deliver(SECRET), await deliver(SECRET)]).toEqual([503, 200]);
  });

  it('stay those of their hook', async () => {
    const { deliver, inner } = setUp();
    await inner.accept('other', 'of-another', 'always');
    expect([await deliver(SECRET), await deliver('of-another', 'other')]).toEqual([200, 200]);
    expect([await deliver('of-another'), await deliver(SECRET, 'other')]).toEqual([401, 401]);
  });

  it('are remembered for ten thousand hooks, and the oldest is looked up again', async () => {
    const { deliver, find, inner } = setUp();
    for (let count = 0; count <= 10_000; count++) {
      await inner.accept(`hook-${count}`, SECRET, 'always');
      await deliver(SECRET, `hook-${count}`);
    }
    find.mockClear();
    await deliver(SECRET, 'hook-1');
    expect(find).toHaveBeenCalledTimes(0);
    await deliver(SECRET, 'hook-0');
    expect(find).toHaveBeenCalledTimes(1);
  });
});

describe.each([true, false])(
  'a store whose find() answers no list of secrets, cacheable: %s',
  (cacheable) => {
    const row = { secret: SECRET };
    const notLists: readonly unknown[] = [
      undefined,
      null,
      'text',
      row,
      new Set([row]),
      [SECRET],
      [async () => row],
    ];
    const answers = notLists.flatMap((answer) => [() => answer, async () => answer]);

    it.each(answers)('has failed: 503, and the terminal says what it must answer (%#)', async (find) => {
      const secrets = {
        ...memorySecrets(),
        durability: 'server',
        cacheable,
        find,
      } as unknown as SecretStore;
      const { receiver, requestCodes, lines } = setUpReceiver({ secrets });
      expect((await receiver.receive(deliveryRequest([], SECRET))).status).toBe(503);
      expect(requestCodes()).toEqual(['store_failed']);
      expect(lines).toMatchObject([
        { message: expect.stringContaining('find() of the secret store must answer a list') },
      ]);
    });
  },
);
