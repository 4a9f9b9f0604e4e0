import { equal, notEqual } from 'node:assert/strict';
import { confirmSecret, holds, openConfirming, openWindow, takePending, WITHIN_MS } from './steps.js';
import { type SecretStoreCase, secretStoreCase } from './subject.js';

/** Cases about windows: when one opens, how long it stays, what it takes. */
export const windowCases: readonly SecretStoreCase[] = [
  secretStoreCase('a window takes one handshake and is closed by it', async ({ store }) => {
    await openWindow(store, 'bugs');
    equal(await store.accept('bugs', 'first', 'window'), 'stored');
    equal(await store.accept('bugs', 'second', 'window'), 'refused');
    await holds(store, 'bugs', [{ secret: 'first' }]);
  }),

  secretStoreCase('a window that confirms is closed by the handshake it takes', async ({ store }) => {
    await takePending(store, 'bugs', 'first');
    equal(await store.accept('bugs', 'second', 'window'), 'refused');
    await holds(store, 'bugs', [{ secret: 'first', pending: true }]);
  }),

  secretStoreCase('a second window is refused while one is open, and changes nothing', async ({ store }) => {
    await openConfirming(store, 'bugs');
    equal(await store.open('bugs', { withinMs: WITHIN_MS * 2, confirm: false }), undefined);
    equal(await store.accept('bugs', 'secret', 'window'), 'stored');
    await holds(store, 'bugs', [{ secret: 'secret', pending: true }]);
  }),

  secretStoreCase('a refused second window does not make the first one last longer', async (bench) => {
    const { store } = bench;
    await openWindow(store, 'bugs');
    const pass = await bench.almost(WITHIN_MS);
    equal(await store.open('bugs', { withinMs: WITHIN_MS, confirm: false }), undefined);
    await pass();
    equal(await store.accept('bugs', 'secret', 'window'), 'refused');
  }),

  secretStoreCase('each window has an id of its own', async ({ store }) => {
    const first = await openWindow(store, 'bugs');
    await store.settle('bugs', first, null);
    const second = await openWindow(store, 'bugs');
    const third = await openWindow(store, 'chores');
    notEqual(first, second);
    notEqual(second, third);
    notEqual(first, third);
  }),

  secretStoreCase('a window takes a handshake just before its time is over', async (bench) => {
    await openWindow(bench.store, 'bugs');
    await bench.almost(WITHIN_MS);
    equal(await bench.store.accept('bugs', 'secret', 'window'), 'stored');
  }),

  secretStoreCase('a window is closed at the millisecond its time is over', async ({ store, advance }) => {
    await openWindow(store, 'bugs');
    await advance(WITHIN_MS);
    equal(await store.accept('bugs', 'secret', 'window'), 'refused');
    await holds(store, 'bugs', []);
  }),

  secretStoreCase('a window blocks the next one to its last millisecond, and no longer', async (bench) => {
    const { store } = bench;
    const first = await openWindow(store, 'bugs');
    const pass = await bench.almost(WITHIN_MS);
    equal(await store.open('bugs', { withinMs: WITHIN_MS, confirm: false }), undefined);
    await pass();
    notEqual(await openWindow(store, 'bugs'), first);
    equal(await store.accept('bugs', 'secret', 'window'), 'stored');
  }),

  secretStoreCase('a window lasts as long as it was asked to, long or short', async (bench) => {
    const { store } = bench;
    await openWindow(store, 'short', { withinMs: 60_000, confirm: false });
    await openWindow(store, 'long', { withinMs: 3_600_000, confirm: false });
    await bench.advance(60_000);
    equal(await store.accept('short', 'secret', 'window'), 'refused');
    const pass = await bench.almost(3_540_000);
    equal(await store.open('long', { withinMs: 1, confirm: false }), undefined);
    await pass();
    equal(await store.accept('long', 'secret', 'window'), 'refused');
  }),

  secretStoreCase('an expired window leaves no trace on a handshake it did not take', async (bench) => {
    await openConfirming(bench.store, 'bugs');
    await bench.advance(WITHIN_MS);
    equal(await bench.store.accept('bugs', 'secret', 'always'), 'stored');
    await holds(bench.store, 'bugs', [{ secret: 'secret' }]);
  }),

  secretStoreCase(
    'a window can be opened again once one was taken, cancelled or forgotten',
    async (bench) => {
      const { store } = bench;
      await openWindow(store, 'bugs');
      equal(await store.accept('bugs', 'first', 'window'), 'stored');
      const cancelled = await openWindow(store, 'bugs');
      await store.settle('bugs', cancelled, null);
      await openWindow(store, 'bugs');
      await store.forget('bugs');
      await openWindow(store, 'bugs');
      equal(await store.accept('bugs', 'second', 'window'), 'stored');
    },
  ),

  secretStoreCase('a window can be opened beside secrets, confirmed and pending', async ({ store }) => {
    await confirmSecret(store, 'bugs', 'first', '1');
    await takePending(store, 'bugs', 'second');
    await openWindow(store, 'bugs');
    equal(await store.accept('bugs', 'third', 'window'), 'stored');
    await holds(store, 'bugs', [
      { secret: 'first', webhook: '1' },
      { secret: 'second', pending: true },
      { secret: 'third' },
    ]);
  }),

  secretStoreCase('an open window is taken first, whatever else would allow the handshake', async (bench) => {
    const { store } = bench;
    for (const when of ['window', 'absent', 'always'] as const) {
      await openConfirming(store, when);
      equal(await store.accept(when, 'first', when), 'stored');
      await holds(store, when, [{ secret: 'first', pending: true }]);
      equal(await store.accept(when, 'second', 'window'), 'refused', 'the window is closed');
    }
  }),

  secretStoreCase(
    'a window takes a handshake although the hook holds secrets, under absent too',
    async (bench) => {
      const { store } = bench;
      await confirmSecret(store, 'bugs', 'first', '1');
      await openWindow(store, 'bugs');
      equal(await store.accept('bugs', 'second', 'absent'), 'stored');
      await holds(store, 'bugs', [{ secret: 'first', webhook: '1' }, { secret: 'second' }]);
    },
  ),
];
