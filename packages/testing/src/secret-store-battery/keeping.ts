import { equal, ok } from 'node:assert/strict';
import { confirmSecret, holds, openConfirming, openWindow, takePending } from './steps.js';
import { type SecretStoreCase, secretStoreCase } from './subject.js';

const VISIBLE = String.fromCharCode(...Array.from({ length: 0x7e - 0x20 }, (_, index) => 0x21 + index));

/** Each is a legal secret, and each is spoilt by some careless way to write, quote or compare it. */
const ODD_SECRETS: readonly string[] = [
  '0',
  '007',
  '1e3',
  'null',
  'undefined',
  'true',
  '__proto__',
  'a,b,,c',
  ',',
  '$&',
  "$1$$`$'",
  '%s%00%2C%',
  '\\',
  '\\u0041\\n\\0',
  "'",
  '"',
  "');--",
  '{"secret":"x"}',
  '[]',
  '*',
  '?',
  'a_c',
  '=1+1',
  'Secret',
  'sEcret',
  VISIBLE,
  'x'.repeat(256),
  `${'x'.repeat(255)}y`,
  VISIBLE.repeat(3).slice(0, 256),
];

// encrypted() hands its store texts of up to 400 characters, so a store has to keep more than Asana sends.
const LONG_TEXTS: readonly string[] = [
  'y'.repeat(512),
  `${'y'.repeat(511)}z`,
  VISIBLE.repeat(6).slice(0, 512),
];

const LONG_ID = 'h'.repeat(200);

/** Hook ids that a careless store takes for one another, or for something of its own. */
const ODD_HOOK_IDS: readonly string[] = [
  'bugs',
  'Bugs',
  'BUGS',
  'bug',
  'bugs-',
  'bugs/a',
  'bugs/A',
  'bugs/a/b',
  'bugs.a',
  'bugs_a',
  'bugs~a',
  'bugsxa',
  '...',
  '-',
  '0',
  '00',
  'default',
  'null',
  'constructor',
  'toString',
  '__proto__',
  LONG_ID,
  `${'h'.repeat(199)}i`,
  `${'segment/'.repeat(24)}12345678`,
];

/** Cases about keeping texts exactly and hooks apart. */
export const keepingCases: readonly SecretStoreCase[] = [
  secretStoreCase('every legal secret is kept and found exactly as it came', async ({ store }) => {
    for (const [index, secret] of ODD_SECRETS.entries()) {
      equal(await store.accept(`odd-${index}`, secret, 'always'), 'stored', secret);
      equal(await store.accept(`odd-${index}`, secret, 'window'), 'known', secret);
      await holds(store, `odd-${index}`, [{ secret }]);
    }
  }),

  secretStoreCase('every legal secret can be confirmed and forgotten', async ({ store }) => {
    for (const [index, secret] of ODD_SECRETS.entries()) {
      await confirmSecret(store, `odd-${index}`, secret, '42');
      await holds(store, `odd-${index}`, [{ secret, webhook: '42' }]);
      await store.forget(`odd-${index}`, { secret });
      await holds(store, `odd-${index}`, []);
    }
  }),

  secretStoreCase('secrets that look alike are different secrets of one hook', async ({ store }) => {
    const alike = ['a', 'A', 'a,a', '1', '01', '1.0', '%41', '\\x41', 'x'.repeat(255), 'x'.repeat(256)];
    for (const secret of alike) equal(await store.accept('bugs', secret, 'always'), 'stored', secret);
    await holds(
      store,
      'bugs',
      alike.map((secret) => ({ secret })),
    );
    await store.forget('bugs', { secret: 'a' });
    await holds(
      store,
      'bugs',
      alike.slice(1).map((secret) => ({ secret })),
    );
  }),

  secretStoreCase(
    'texts of up to 512 characters are kept, so that a store can hold encrypted ones',
    async (bench) => {
      const { store } = bench;
      for (const secret of LONG_TEXTS) equal(await store.accept('bugs', secret, 'always'), 'stored');
      await holds(
        store,
        'bugs',
        LONG_TEXTS.map((secret) => ({ secret })),
      );
      for (const [index, secret] of LONG_TEXTS.entries()) {
        await confirmSecret(store, `long-${index}`, secret, '42');
        await store.forget(`long-${index}`, { secret });
        await holds(store, `long-${index}`, []);
      }
    },
  ),

  secretStoreCase("a webhook's gid is text, however long a number it looks like", async ({ store }) => {
    const gids = ['1209876543210987655', '1209876543210987654', '0012', '12'];
    for (const gid of gids) await confirmSecret(store, 'bugs', `secret-${gid}`, gid);
    await holds(
      store,
      'bugs',
      gids.map((gid) => ({ secret: `secret-${gid}`, webhook: gid })),
    );
    await store.forget('bugs', { webhook: '1209876543210987654' });
    await store.forget('bugs', { webhook: '12' });
    await holds(
      store,
      'bugs',
      ['1209876543210987655', '0012'].map((gid) => ({ secret: `secret-${gid}`, webhook: gid })),
    );
  }),

  secretStoreCase('every legal hook id names a hook of its own: its secrets', async ({ store }) => {
    for (const hookId of ODD_HOOK_IDS) {
      await holds(store, hookId, []);
      equal(await store.accept(hookId, hookId, 'absent'), 'stored', hookId);
      equal(await store.accept(hookId, 'shared', 'always'), 'stored', hookId);
    }
    for (const hookId of ODD_HOOK_IDS) {
      await holds(store, hookId, [{ secret: hookId }, { secret: 'shared' }]);
    }
  }),

  secretStoreCase('every legal hook id names a hook of its own: its window', async ({ store }) => {
    for (const hookId of ODD_HOOK_IDS) {
      equal(await store.accept(hookId, 'secret', 'window'), 'refused', hookId);
      await openConfirming(store, hookId);
    }
    for (const hookId of ODD_HOOK_IDS) {
      equal(await store.accept(hookId, 'secret', 'window'), 'stored', hookId);
      await holds(store, hookId, [{ secret: 'secret', pending: true }]);
    }
  }),

  secretStoreCase('every legal hook id names a hook of its own: what is forgotten', async ({ store }) => {
    for (const hookId of ODD_HOOK_IDS) await confirmSecret(store, hookId, 'secret', '42');
    for (const [index, hookId] of ODD_HOOK_IDS.entries()) {
      if (index % 3 === 0) await store.forget(hookId);
      if (index % 3 === 1) await store.forget(hookId, { webhook: '42' });
      if (index % 3 === 2) await store.forget(hookId, { secret: 'secret' });
      await holds(store, hookId, []);
      for (const later of ODD_HOOK_IDS.slice(index + 1)) {
        ok((await store.find(later)).length === 1, `${later} is not ${hookId}`);
      }
    }
  }),

  secretStoreCase('a window of one hook takes no handshake of another', async ({ store }) => {
    await openWindow(store, 'bugs');
    equal(await store.accept('chores', 'secret', 'window'), 'refused');
    equal(await store.accept('bugs', 'secret', 'window'), 'stored');
  }),

  secretStoreCase('one secret on two hooks is kept, confirmed and forgotten for each', async ({ store }) => {
    const bugs = await takePending(store, 'bugs', 'secret');
    const chores = await takePending(store, 'chores', 'secret');
    equal(await store.settle('bugs', bugs, 'secret', { webhook: '1' }), 'confirmed');
    await holds(store, 'chores', [{ secret: 'secret', pending: true }]);
    equal(await store.settle('chores', chores, 'secret', { webhook: '2' }), 'confirmed');
    await store.forget('bugs', { secret: 'secret' });
    await holds(store, 'bugs', []);
    await holds(store, 'chores', [{ secret: 'secret', webhook: '2' }]);
  }),

  secretStoreCase('what one handle writes, another one on the same data finds', async (bench) => {
    const [here, there] = [bench.handle(0), bench.handle(1)];
    const windowId = await openConfirming(here, 'bugs');
    equal(await there.open('bugs', { withinMs: 1, confirm: false }), undefined);
    equal(await there.accept('bugs', 'secret', 'window'), 'stored');
    await holds(here, 'bugs', [{ secret: 'secret', pending: true }]);
    equal(await there.settle('bugs', windowId, 'secret', { webhook: '42' }), 'confirmed');
    equal(await here.accept('bugs', 'secret', 'window'), 'known');
  }),

  secretStoreCase('a store states a durability that exists, or none', async ({ store }) => {
    ok(
      [undefined, 'none', 'process', 'server', 'power'].includes(store.durability),
      String(store.durability),
    );
  }),
];
