import { equal, ok } from 'node:assert/strict';
import { MAX_SECRETS_PER_HOOK, PENDING_MS } from '@hookshake/core';
import { confirmSecret, fill, held, holds, openConfirming, openWindow, takePending } from './steps.js';
import { type SecretStoreCase, secretStoreCase } from './subject.js';

const EVERY_WHEN = ['window', 'absent', 'always'] as const;

/** Cases about what is accepted, known, refused and too much. */
export const acceptingCases: readonly SecretStoreCase[] = [
  secretStoreCase('a hook that nobody has met holds nothing', async ({ store }) => {
    await holds(store, 'bugs', []);
    await openWindow(store, 'bugs');
    await holds(store, 'bugs', []);
  }),

  secretStoreCase('without a window a handshake is refused, and nothing of it stays', async ({ store }) => {
    equal(await store.accept('bugs', 'stranger', 'window'), 'refused');
    await holds(store, 'bugs', []);
    equal(await store.accept('bugs', 'stranger', 'window'), 'refused', 'it has not become known');
    equal(await store.accept('bugs', 'own', 'absent'), 'stored', 'the hook still has no secret');
  }),

  secretStoreCase('a refused handshake leaves the secrets of its hook as they are', async ({ store }) => {
    await confirmSecret(store, 'bugs', 'own', '1');
    equal(await store.accept('bugs', 'stranger', 'window'), 'refused');
    equal(await store.accept('bugs', 'stranger', 'absent'), 'refused');
    await holds(store, 'bugs', [{ secret: 'own', webhook: '1' }]);
  }),

  secretStoreCase('under absent the first handshake is stored and the second refused', async ({ store }) => {
    equal(await store.accept('bugs', 'first', 'absent'), 'stored');
    equal(await store.accept('bugs', 'second', 'absent'), 'refused');
    await holds(store, 'bugs', [{ secret: 'first' }]);
  }),

  secretStoreCase('under absent a pending secret counts until it is forgotten', async (bench) => {
    const { store } = bench;
    await takePending(store, 'bugs', 'first');
    const pass = await bench.almost(PENDING_MS);
    equal(await store.accept('bugs', 'second', 'absent'), 'refused');
    await pass();
    equal(await store.accept('bugs', 'second', 'absent'), 'stored');
    await holds(store, 'bugs', [{ secret: 'second' }]);
  }),

  secretStoreCase('under always a handshake is stored beside what the hook holds', async ({ store }) => {
    equal(await store.accept('bugs', 'first', 'always'), 'stored');
    equal(await store.accept('bugs', 'second', 'always'), 'stored');
    await holds(store, 'bugs', [{ secret: 'first' }, { secret: 'second' }]);
  }),

  secretStoreCase('a secret that is held is known, whatever would allow or forbid it', async ({ store }) => {
    await confirmSecret(store, 'bugs', 'own', '1');
    for (const when of EVERY_WHEN) equal(await store.accept('bugs', 'own', when), 'known');
    await holds(store, 'bugs', [{ secret: 'own', webhook: '1' }]);
  }),

  secretStoreCase('a known secret closes no window', async ({ store }) => {
    await confirmSecret(store, 'bugs', 'own', '1');
    await openWindow(store, 'bugs');
    for (const when of EVERY_WHEN) equal(await store.accept('bugs', 'own', when), 'known');
    equal(await store.accept('bugs', 'new', 'window'), 'stored');
  }),

  secretStoreCase('a known secret that is pending stays so, and lives no longer', async (bench) => {
    const { store } = bench;
    const windowId = await takePending(store, 'bugs', 'secret');
    const pass = await bench.almost(PENDING_MS);
    for (const when of EVERY_WHEN) equal(await store.accept('bugs', 'secret', when), 'known');
    await holds(store, 'bugs', [{ secret: 'secret', pending: true }]);
    await pass();
    await holds(store, 'bugs', []);
    equal(await store.settle('bugs', windowId, 'secret'), 'none');
  }),

  secretStoreCase('a known secret that is pending is not taken over by a later window', async ({ store }) => {
    const first = await takePending(store, 'bugs', 'secret');
    const second = await openConfirming(store, 'bugs');
    equal(await store.accept('bugs', 'secret', 'window'), 'known');
    equal(await store.settle('bugs', second, 'secret'), 'none');
    await holds(store, 'bugs', [{ secret: 'secret', pending: true }]);
    equal(await store.settle('bugs', first, 'secret'), 'confirmed');
  }),

  secretStoreCase('a hook holds sixteen secrets, and the seventeenth evicts none', async ({ store }) => {
    await fill(store, 'bugs', MAX_SECRETS_PER_HOOK);
    const before = await held(store, 'bugs');
    equal(before.length, MAX_SECRETS_PER_HOOK);
    equal(await store.accept('bugs', 'seventeenth', 'always'), 'full');
    await holds(store, 'bugs', before);
  }),

  secretStoreCase('a full hook refuses what is not allowed, and knows what it holds', async ({ store }) => {
    await fill(store, 'bugs', MAX_SECRETS_PER_HOOK);
    equal(await store.accept('bugs', 'seventeenth', 'window'), 'refused');
    equal(await store.accept('bugs', 'seventeenth', 'absent'), 'refused');
    for (const when of EVERY_WHEN) equal(await store.accept('bugs', 'secret-1', when), 'known');
  }),

  secretStoreCase('a full hook leaves its window open', async ({ store }) => {
    await fill(store, 'bugs', MAX_SECRETS_PER_HOOK);
    await openConfirming(store, 'bugs');
    equal(await store.accept('bugs', 'seventeenth', 'window'), 'full');
    await store.forget('bugs', { secret: 'secret-1' });
    equal(await store.accept('bugs', 'seventeenth', 'window'), 'stored');
    ok((await held(store, 'bugs')).some((one) => one.secret === 'seventeenth' && one.pending === true));
  }),

  secretStoreCase('pending secrets count among the sixteen until they are forgotten', async (bench) => {
    const { store } = bench;
    await fill(store, 'bugs', MAX_SECRETS_PER_HOOK - 1);
    await takePending(store, 'bugs', 'pending');
    equal(await store.accept('bugs', 'seventeenth', 'always'), 'full');
    await bench.advance(PENDING_MS);
    equal(await store.accept('bugs', 'seventeenth', 'always'), 'stored');
    equal(await store.accept('bugs', 'one-more', 'always'), 'full');
  }),

  secretStoreCase('a full hook does not fill the others', async ({ store }) => {
    await fill(store, 'bugs', MAX_SECRETS_PER_HOOK);
    equal(await store.accept('chores', 'secret', 'always'), 'stored');
  }),
];
