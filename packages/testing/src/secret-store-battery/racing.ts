import { deepEqual, equal, ok } from 'node:assert/strict';
import { MAX_SECRETS_PER_HOOK, type SecretStore } from '@hookshake/core';
import { fill, held, holds, openConfirming, openWindow, takePending, tally, WITHIN_MS } from './steps.js';
import { type Bench, type SecretStoreCase, secretStoreCase } from './subject.js';

const WRITERS = 20;

/** Lets 20 writers begin before any of them has finished, by turns through both handles. */
function race<T>({ handle }: Bench, write: (store: SecretStore, writer: number) => PromiseLike<T> | T) {
  return Promise.all(Array.from({ length: WRITERS }, async (_, writer) => write(handle(writer), writer)));
}

/** Cases about writers that race: `open`, `accept` and `settle` are each one atomic step. */
export const racingCases: readonly SecretStoreCase[] = [
  secretStoreCase('of twenty racing windows exactly one opens', async (bench) => {
    const ids = await race(bench, (store) => store.open('bugs', { withinMs: WITHIN_MS, confirm: false }));
    equal(ids.filter((id) => id !== undefined).length, 1);
  }),

  secretStoreCase('of twenty racing handshakes a window takes exactly one', async (bench) => {
    await openWindow(bench.store, 'bugs');
    const results = await race(bench, (store, writer) => store.accept('bugs', `secret-${writer}`, 'window'));
    deepEqual(tally(results), { stored: 1, refused: WRITERS - 1 });
    await holds(bench.store, 'bugs', [{ secret: `secret-${results.indexOf('stored')}` }]);
  }),

  secretStoreCase('of twenty racing handshakes a window that confirms takes exactly one', async (bench) => {
    const windowId = await openConfirming(bench.store, 'bugs');
    const results = await race(bench, (store, writer) => store.accept('bugs', `secret-${writer}`, 'window'));
    deepEqual(tally(results), { stored: 1, refused: WRITERS - 1 });
    const secret = `secret-${results.indexOf('stored')}`;
    await holds(bench.store, 'bugs', [{ secret, pending: true }]);
    equal(await bench.store.settle('bugs', windowId, secret), 'confirmed');
  }),

  secretStoreCase('of twenty racing handshakes exactly one is the first of its hook', async (bench) => {
    const results = await race(bench, (store, writer) => store.accept('bugs', `secret-${writer}`, 'absent'));
    deepEqual(tally(results), { stored: 1, refused: WRITERS - 1 });
    await holds(bench.store, 'bugs', [{ secret: `secret-${results.indexOf('stored')}` }]);
  }),

  secretStoreCase(
    'of twenty racing handshakes with one secret one is stored and the rest known',
    async (bench) => {
      for (const when of ['absent', 'always'] as const) {
        const results = await race(bench, (store) => store.accept(when, 'secret', when));
        deepEqual(tally(results), { stored: 1, known: WRITERS - 1 });
        await holds(bench.store, when, [{ secret: 'secret' }]);
      }
      await openConfirming(bench.store, 'window');
      const results = await race(bench, (store) => store.accept('window', 'secret', 'window'));
      deepEqual(tally(results), { stored: 1, known: WRITERS - 1 });
      await holds(bench.store, 'window', [{ secret: 'secret', pending: true }]);
    },
  ),

  secretStoreCase('twenty racing handshakes do not overfill a hook', async (bench) => {
    const results = await race(bench, (store, writer) => store.accept('bugs', `new-${writer}`, 'always'));
    deepEqual(tally(results), { stored: MAX_SECRETS_PER_HOOK, full: WRITERS - MAX_SECRETS_PER_HOOK });
    const stored = results.flatMap((result, writer) =>
      result === 'stored' ? [{ secret: `new-${writer}` }] : [],
    );
    await holds(bench.store, 'bugs', stored);
  }),

  secretStoreCase('of twenty racing handshakes one gets the last place of a hook', async (bench) => {
    await fill(bench.store, 'bugs', MAX_SECRETS_PER_HOOK - 1);
    const results = await race(bench, (store, writer) => store.accept('bugs', `new-${writer}`, 'always'));
    deepEqual(tally(results), { stored: 1, full: WRITERS - 1 });
    equal((await held(bench.store, 'bugs')).length, MAX_SECRETS_PER_HOOK);
  }),

  secretStoreCase('of twenty racing confirmations exactly one confirms', async (bench) => {
    const windowId = await takePending(bench.store, 'bugs', 'secret');
    const results = await race(bench, (store, writer) =>
      store.settle('bugs', windowId, 'secret', { webhook: `${writer}` }),
    );
    deepEqual(tally(results), { confirmed: 1, none: WRITERS - 1 });
    await holds(bench.store, 'bugs', [{ secret: 'secret', webhook: `${results.indexOf('confirmed')}` }]);
  }),

  secretStoreCase('of racing right and wrong confirmations the first one decides', async (bench) => {
    const windowId = await takePending(bench.store, 'bugs', 'secret');
    const results = await race(bench, (store, writer) =>
      store.settle('bugs', windowId, writer % 4 < 2 ? 'wrong' : 'secret'),
    );
    const { confirmed = 0, mismatch = 0, none } = tally(results);
    deepEqual({ decided: confirmed + mismatch, none }, { decided: 1, none: WRITERS - 1 });
    await holds(bench.store, 'bugs', confirmed === 1 ? [{ secret: 'secret' }] : []);
  }),

  secretStoreCase('a window that is cancelled while handshakes race leaves nothing behind', async (bench) => {
    const windowId = await openConfirming(bench.store, 'bugs');
    const results = await race(bench, (store, writer) =>
      writer === WRITERS / 2
        ? store.settle('bugs', windowId, null)
        : store.accept('bugs', `secret-${writer}`, 'window'),
    );
    const { stored = 0, mismatch = 0, none = 0, refused = 0 } = tally(results);
    ok(stored <= 1 && stored === mismatch && mismatch + none === 1, JSON.stringify(tally(results)));
    equal(refused, WRITERS - 1 - stored);
    await holds(bench.store, 'bugs', []);
    await openWindow(bench.store, 'bugs');
  }),

  secretStoreCase('writers of different hooks do not get in each other’s way', async (bench) => {
    const opened = await race(bench, (store, writer) =>
      store.open(`bugs-${writer}`, { withinMs: WITHIN_MS, confirm: true }),
    );
    equal(new Set(opened).size, WRITERS);
    const taken = await race(bench, (store, writer) => store.accept(`bugs-${writer}`, 'secret', 'window'));
    deepEqual(tally(taken), { stored: WRITERS });
    const settled = await race(bench, (store, writer) =>
      store.settle(`bugs-${writer}`, opened[writer] ?? '', 'secret'),
    );
    deepEqual(tally(settled), { confirmed: WRITERS });
  }),
];
