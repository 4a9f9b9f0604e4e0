import { equal } from 'node:assert/strict';
import { PENDING_MS } from '@hookshake/core';
import { confirmSecret, holds, openConfirming, openWindow, takePending, WITHIN_MS } from './steps.js';
import { type SecretStoreCase, secretStoreCase } from './subject.js';

/** Cases about pending secrets, and how a window's owner settles it. */
export const settlingCases: readonly SecretStoreCase[] = [
  secretStoreCase('a confirmed secret is kept with its webhook, and for good', async ({ store, advance }) => {
    const windowId = await takePending(store, 'bugs', 'secret');
    equal(await store.settle('bugs', windowId, 'secret', { webhook: '42' }), 'confirmed');
    await holds(store, 'bugs', [{ secret: 'secret', webhook: '42' }]);
    await advance(PENDING_MS * 2);
    await holds(store, 'bugs', [{ secret: 'secret', webhook: '42' }]);
  }),

  secretStoreCase('a secret can be confirmed without a webhook', async ({ store, advance }) => {
    const first = await takePending(store, 'bugs', 'first');
    equal(await store.settle('bugs', first, 'first'), 'confirmed');
    const second = await takePending(store, 'bugs', 'second');
    equal(await store.settle('bugs', second, 'second', {}), 'confirmed');
    await advance(PENDING_MS);
    await holds(store, 'bugs', [{ secret: 'first' }, { secret: 'second' }]);
  }),

  secretStoreCase('a secret is confirmed once', async ({ store }) => {
    const windowId = await takePending(store, 'bugs', 'secret');
    equal(await store.settle('bugs', windowId, 'secret', { webhook: '42' }), 'confirmed');
    equal(await store.settle('bugs', windowId, 'secret', { webhook: '43' }), 'none');
    equal(await store.settle('bugs', windowId, 'another'), 'none');
    equal(await store.settle('bugs', windowId, null), 'none');
    await holds(store, 'bugs', [{ secret: 'secret', webhook: '42' }]);
  }),

  secretStoreCase(
    'another secret than the pending one is a mismatch, which forgets the pending one',
    async (bench) => {
      const { store } = bench;
      const windowId = await takePending(store, 'bugs', 'stranger');
      equal(await store.settle('bugs', windowId, 'own', { webhook: '42' }), 'mismatch');
      await holds(store, 'bugs', []);
      equal(await store.settle('bugs', windowId, 'stranger'), 'none');
      equal(await store.accept('bugs', 'stranger', 'window'), 'refused');
    },
  ),

  secretStoreCase(
    'a prefix, an extension or the other case of the pending secret is a mismatch',
    async (bench) => {
      const { store } = bench;
      for (const [index, wrong] of ['secre', 'secret1', 'SECRET', ''].entries()) {
        const hookId = `bugs-${index}`;
        const windowId = await takePending(store, hookId, 'secret');
        equal(await store.settle(hookId, windowId, wrong), 'mismatch', JSON.stringify(wrong));
        await holds(store, hookId, []);
      }
    },
  ),

  secretStoreCase('null forgets the pending secret', async ({ store }) => {
    const windowId = await takePending(store, 'bugs', 'secret');
    equal(await store.settle('bugs', windowId, null), 'mismatch');
    await holds(store, 'bugs', []);
    equal(await store.settle('bugs', windowId, 'secret'), 'none');
  }),

  secretStoreCase('settling closes a window that has taken nothing', async ({ store }) => {
    for (const [hookId, secret] of [
      ['cancelled', null],
      ['confirmed-early', 'secret'],
    ] as const) {
      const windowId = await openConfirming(store, hookId);
      equal(await store.settle(hookId, windowId, secret), 'none');
      equal(await store.accept(hookId, 'secret', 'window'), 'refused');
      await holds(store, hookId, []);
    }
  }),

  secretStoreCase(
    'a secret that a window took without confirming is not touched by settling',
    async (bench) => {
      const { store } = bench;
      const windowId = await openWindow(store, 'bugs');
      equal(await store.accept('bugs', 'secret', 'window'), 'stored');
      equal(await store.settle('bugs', windowId, 'secret', { webhook: '42' }), 'none');
      equal(await store.settle('bugs', windowId, 'another'), 'none');
      equal(await store.settle('bugs', windowId, null), 'none');
      await bench.advance(PENDING_MS);
      await holds(store, 'bugs', [{ secret: 'secret' }]);
    },
  ),

  secretStoreCase('settling touches no other secret of the hook', async ({ store }) => {
    await confirmSecret(store, 'bugs', 'first', '1');
    equal(await store.accept('bugs', 'second', 'always'), 'stored');
    const third = await takePending(store, 'bugs', 'third');
    const fourth = await takePending(store, 'bugs', 'fourth');
    const fifth = await takePending(store, 'bugs', 'fifth');
    const others = [{ secret: 'first', webhook: '1' }, { secret: 'second' }];

    equal(await store.settle('bugs', third, 'fourth'), 'mismatch', "another window's secret is no match");
    await holds(store, 'bugs', [
      ...others,
      { secret: 'fourth', pending: true },
      { secret: 'fifth', pending: true },
    ]);
    equal(await store.settle('bugs', fifth, null), 'mismatch');
    await holds(store, 'bugs', [...others, { secret: 'fourth', pending: true }]);
    equal(await store.settle('bugs', fourth, 'fourth', { webhook: '4' }), 'confirmed');
    await holds(store, 'bugs', [...others, { secret: 'fourth', webhook: '4' }]);
  }),

  secretStoreCase('settling an unknown window changes nothing', async ({ store }) => {
    const windowId = await takePending(store, 'bugs', 'pending');
    await openWindow(store, 'bugs');
    equal(await store.settle('bugs', 'no-such-window', 'pending'), 'none');
    equal(await store.settle('bugs', 'no-such-window', null), 'none');
    equal(await store.settle('unknown', windowId, 'pending'), 'none');
    await holds(store, 'bugs', [{ secret: 'pending', pending: true }]);
    equal(await store.accept('bugs', 'next', 'window'), 'stored', 'the open window is open still');
  }),

  secretStoreCase('settling a window of the past leaves the open one open', async (bench) => {
    const { store } = bench;
    const taken = await takePending(store, 'bugs', 'first');
    await openWindow(store, 'bugs');
    equal(await store.settle('bugs', taken, 'first'), 'confirmed');
    equal(await store.settle('bugs', taken, null), 'none');
    equal(await store.accept('bugs', 'second', 'window'), 'stored');

    const expired = await openWindow(store, 'bugs');
    await bench.advance(WITHIN_MS);
    await openWindow(store, 'bugs');
    equal(await store.settle('bugs', expired, null), 'none');
    equal(await store.accept('bugs', 'third', 'window'), 'stored');
  }),

  secretStoreCase(
    "a window is settled under its own hook only, by its own hook's secret",
    async ({ store }) => {
      const windowId = await takePending(store, 'bugs', 'secret');
      await takePending(store, 'chores', 'secret');
      equal(await store.settle('chores', windowId, 'secret'), 'none');
      await holds(store, 'bugs', [{ secret: 'secret', pending: true }]);
      await holds(store, 'chores', [{ secret: 'secret', pending: true }]);
      equal(await store.settle('bugs', windowId, 'secret'), 'confirmed');
      await holds(store, 'chores', [{ secret: 'secret', pending: true }]);
    },
  ),

  secretStoreCase('a pending secret can be confirmed until ten minutes are over', async (bench) => {
    const windowId = await takePending(bench.store, 'bugs', 'secret');
    await bench.almost(PENDING_MS);
    await holds(bench.store, 'bugs', [{ secret: 'secret', pending: true }]);
    equal(await bench.store.settle('bugs', windowId, 'secret'), 'confirmed');
  }),

  secretStoreCase(
    'a pending secret is found no more when ten minutes are over',
    async ({ store, advance }) => {
      await takePending(store, 'bugs', 'secret');
      await advance(PENDING_MS);
      await holds(store, 'bugs', []);
    },
  ),

  secretStoreCase(
    'a pending secret is confirmed no more when ten minutes are over',
    async ({ store, advance }) => {
      const windowId = await takePending(store, 'bugs', 'secret');
      await advance(PENDING_MS);
      equal(await store.settle('bugs', windowId, 'secret', { webhook: '42' }), 'none');
      await holds(store, 'bugs', []);
    },
  ),

  secretStoreCase(
    'a pending secret is known no more when ten minutes are over',
    async ({ store, advance }) => {
      await takePending(store, 'bugs', 'secret');
      await advance(PENDING_MS);
      equal(await store.accept('bugs', 'secret', 'window'), 'refused');
      equal(await store.accept('bugs', 'secret', 'always'), 'stored');
      await holds(store, 'bugs', [{ secret: 'secret' }]);
    },
  ),

  secretStoreCase('the ten minutes begin with the handshake, not with the window', async (bench) => {
    const { store } = bench;
    await openWindow(store, 'bugs', { withinMs: 3_600_000, confirm: true });
    await bench.advance(PENDING_MS * 2);
    equal(await store.accept('bugs', 'secret', 'window'), 'stored');
    const pass = await bench.almost(PENDING_MS);
    await holds(store, 'bugs', [{ secret: 'secret', pending: true }]);
    await pass();
    await holds(store, 'bugs', []);
  }),

  secretStoreCase('a pending secret outlives the time of its window', async ({ store, advance }) => {
    const windowId = await takePending(store, 'bugs', 'secret');
    await advance(WITHIN_MS);
    equal(await store.settle('bugs', windowId, 'secret'), 'confirmed');
  }),

  secretStoreCase('a pending secret that dies takes no other along', async ({ store, advance }) => {
    await confirmSecret(store, 'bugs', 'first', '1');
    await takePending(store, 'bugs', 'second');
    await advance(PENDING_MS / 2);
    await takePending(store, 'bugs', 'third');
    await advance(PENDING_MS / 2);
    await holds(store, 'bugs', [
      { secret: 'first', webhook: '1' },
      { secret: 'third', pending: true },
    ]);
  }),
];
