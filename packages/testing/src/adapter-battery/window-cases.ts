import assert from 'node:assert/strict';
import { isHookshakeError, memorySecrets } from '@hookshake/core';
import { event } from '../event.js';
import type { AdapterCase } from './adapter-case.js';
import { bodyOf, expectAnswer, inScene, OTHER_SECRET, SECRET, secretsOf } from './scene.js';

/** Windows: how long they are open, and how a secret is confirmed. */
export const windowCases: readonly AdapterCase[] = [
  {
    title: 'a window takes a handshake up to its last millisecond and not one later',
    run: async (adapter) => {
      let now = 1_700_000_000_000;
      const clock = () => now;
      for (const [passedMs, status] of [
        [999, 200],
        [1_000, 403],
      ] as const) {
        const secrets = memorySecrets({ now: clock });
        await inScene(adapter, { secrets, now: clock }, async (scene) => {
          await scene.receiver.expectHandshake('bugs', { withinMs: 1_000 });
          now += passedMs;
          assert.equal((await scene.shake(SECRET)).status, status);
        });
      }
    },
  },
  {
    title: 'a second window while one is open is rejected, and a handshake after the cancel is refused',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        const window = await scene.receiver.expectHandshake('bugs');
        await assert.rejects(scene.receiver.expectHandshake('bugs'), (error) =>
          isHookshakeError(error, 'window_already_open'),
        );
        await window.cancel();
        expectAnswer(await scene.shake(SECRET), 403, 'handshake_refused');
        assert.deepEqual(await secretsOf(scene), []);
      }),
  },
  {
    title: 'a pending secret verifies heartbeats only, until it is confirmed',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        const window = await scene.receiver.expectHandshake('bugs', { confirm: true });
        expectAnswer(await scene.shake(SECRET), 200, 'handshake_accepted');
        expectAnswer(await scene.deliver(bodyOf()), 200, 'heartbeat');
        const body = bodyOf(event('task.added'));
        expectAnswer(await scene.deliver(body), 503, 'not_confirmed');
        assert.deepEqual(scene.handled, []);
        await window.confirm(SECRET, { webhook: '1' });
        expectAnswer(await scene.deliver(body), 200, 'delivery_handled');
      }),
  },
  {
    title: 'a pending secret that nobody confirms is forgotten after ten minutes',
    run: async (adapter) => {
      let now = 1_700_000_000_000;
      const clock = () => now;
      await inScene(adapter, { secrets: memorySecrets({ now: clock }), now: clock }, async (scene) => {
        await scene.receiver.expectHandshake('bugs', { confirm: true });
        expectAnswer(await scene.shake(SECRET), 200, 'handshake_accepted');
        now += 600_000;
        expectAnswer(await scene.deliver(bodyOf()), 401, 'unknown_hook');
      });
    },
  },
  {
    title: 'a stranger ahead of Asana makes confirm() fail, and nothing of the stranger stays',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        const window = await scene.receiver.expectHandshake('bugs', { confirm: true });
        expectAnswer(await scene.shake(OTHER_SECRET), 200, 'handshake_accepted');
        expectAnswer(await scene.shake(SECRET), 403, 'handshake_refused');
        await assert.rejects(window.confirm(SECRET), (error) =>
          isHookshakeError(error, 'handshake_mismatch'),
        );
        assert.deepEqual(await secretsOf(scene), []);
      }),
  },
];
