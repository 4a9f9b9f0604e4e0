import { equal } from 'node:assert/strict';
import { confirmSecret, holds, openConfirming, openWindow, takePending } from './steps.js';
import { type SecretStoreCase, secretStoreCase } from './subject.js';

/** Cases about forgetting. */
export const forgettingCases: readonly SecretStoreCase[] = [
  secretStoreCase('a forgotten hook holds nothing, pending secrets included', async ({ store }) => {
    await confirmSecret(store, 'bugs', 'first', '1');
    const windowId = await takePending(store, 'bugs', 'second');
    equal(await store.accept('bugs', 'third', 'always'), 'stored');
    await store.forget('bugs');
    await holds(store, 'bugs', []);
    equal(await store.settle('bugs', windowId, 'second'), 'none');
    equal(await store.accept('bugs', 'first', 'window'), 'refused', 'it is known no more');
    equal(await store.accept('bugs', 'new', 'absent'), 'stored', 'the hook is as good as new');
  }),

  secretStoreCase('a forgotten hook has no window', async ({ store }) => {
    const windowId = await openConfirming(store, 'bugs');
    await store.forget('bugs');
    equal(await store.accept('bugs', 'secret', 'window'), 'refused');
    equal(await store.settle('bugs', windowId, 'secret'), 'none');
    await openWindow(store, 'bugs');
  }),

  secretStoreCase('the secret of one webhook can be forgotten', async ({ store }) => {
    await confirmSecret(store, 'bugs', 'first', '1');
    await confirmSecret(store, 'bugs', 'second', '12');
    equal(await store.accept('bugs', 'third', 'always'), 'stored');
    await takePending(store, 'bugs', 'fourth');
    await store.forget('bugs', { webhook: '1' });
    await holds(store, 'bugs', [
      { secret: 'second', webhook: '12' },
      { secret: 'third' },
      { secret: 'fourth', pending: true },
    ]);
    equal(await store.accept('bugs', 'first', 'window'), 'refused', 'it is known no more');
  }),

  secretStoreCase('one secret can be forgotten by itself', async ({ store }) => {
    await confirmSecret(store, 'bugs', 'first', '1');
    await confirmSecret(store, 'bugs', 'second', '2');
    equal(await store.accept('bugs', 'third', 'always'), 'stored');
    await store.forget('bugs', { secret: 'third' });
    await holds(store, 'bugs', [
      { secret: 'first', webhook: '1' },
      { secret: 'second', webhook: '2' },
    ]);
    await store.forget('bugs', { secret: 'first' });
    await holds(store, 'bugs', [{ secret: 'second', webhook: '2' }]);
    equal(await store.accept('bugs', 'first', 'window'), 'refused', 'it is known no more');
  }),

  secretStoreCase('a pending secret can be forgotten by itself', async ({ store }) => {
    const first = await takePending(store, 'bugs', 'first');
    const second = await takePending(store, 'bugs', 'second');
    await store.forget('bugs', { secret: 'first' });
    await holds(store, 'bugs', [{ secret: 'second', pending: true }]);
    equal(await store.settle('bugs', first, 'first'), 'none');
    equal(await store.settle('bugs', second, 'second'), 'confirmed');
  }),

  secretStoreCase('forgetting one secret leaves the window open', async ({ store }) => {
    await confirmSecret(store, 'bugs', 'first', '1');
    await confirmSecret(store, 'bugs', 'second', '2');
    await openWindow(store, 'bugs');
    await store.forget('bugs', { secret: 'first' });
    await store.forget('bugs', { webhook: '2' });
    await holds(store, 'bugs', []);
    equal(await store.accept('bugs', 'third', 'window'), 'stored');
  }),

  secretStoreCase('forgetting what is unknown is no error, and forgets nothing', async ({ store }) => {
    await store.forget('unknown');
    await store.forget('unknown', { webhook: '1' });
    await store.forget('unknown', { secret: 'secret' });
    await confirmSecret(store, 'bugs', 'first', '1');
    equal(await store.accept('bugs', 'second', 'always'), 'stored');
    await store.forget('bugs', { webhook: '2' });
    await store.forget('bugs', { secret: 'third' });
    await store.forget('bugs', { webhook: 'first' });
    await store.forget('bugs', { secret: '1' });
    await holds(store, 'bugs', [{ secret: 'first', webhook: '1' }, { secret: 'second' }]);
  }),

  secretStoreCase('forgetting twice is no error', async ({ store }) => {
    await confirmSecret(store, 'bugs', 'first', '1');
    await store.forget('bugs', { webhook: '1' });
    await store.forget('bugs', { webhook: '1' });
    await store.forget('bugs');
    await store.forget('bugs');
    await holds(store, 'bugs', []);
  }),
];
