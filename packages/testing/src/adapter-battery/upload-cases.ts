import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { memorySecrets, sign } from '@hookshake/core';
import { event } from '../event.js';
import { chunk, requestBytes } from '../request-bytes.js';
import type { AdapterCase } from './adapter-case.js';
import { MOUNT } from './adapter-under-test.js';
import { bodyOf, expectAnswer, inScene, SECRET } from './scene.js';
import { slowStart, watchFinds } from './slow-upload.js';

/** Uploads: how large a body may be, what its length says, and how it may fail to arrive. */
export const uploadCases: readonly AdapterCase[] = [
  {
    title: 'a body of 3 MiB is handled unless a smaller limit is set',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET);
        const body = bodyOf(event('task.added')).padEnd(3 * 1024 * 1024);
        expectAnswer(await scene.deliver(body), 200, 'delivery_handled');
        expectAnswer(await scene.deliver([Buffer.from(body)]), 200, 'delivery_handled');
        assert.equal(scene.handled.length, 1);
      }),
  },
  ...[
    [-1, 200, 'heartbeat'] as const,
    [0, 200, 'heartbeat'] as const,
    [1, 413, 'body_too_large'] as const,
  ].map(
    ([over, status, code]): AdapterCase => ({
      title: `a body of the limit ${over < 0 ? '-' : '+'} ${Math.abs(over)} bytes is answered ${status}`,
      run: (adapter) =>
        inScene(adapter, { maxBodyBytes: 1_000 }, async (scene) => {
          await scene.hold(SECRET);
          const bytes = Buffer.from(bodyOf().padEnd(1_000 + over));
          expectAnswer(await scene.deliver(bytes), status, code);
          expectAnswer(await scene.deliver([bytes.subarray(0, 600), bytes.subarray(600)]), status, code);
        }),
    }),
  ),
  {
    title: 'a length over the limit is refused before any of the body has come',
    run: (adapter) =>
      inScene(adapter, { maxBodyBytes: 1_000 }, async (scene) => {
        await scene.hold(SECRET);
        const headers = { 'Content-Length': '1001' };
        expectAnswer(await scene.deliver(new Uint8Array(), { headers }), 413, 'body_too_large');
      }),
  },
  {
    title: 'a sender of far too much gets the 413 although it is still sending, and no reset in place of it',
    run: (adapter) =>
      inScene(adapter, { maxBodyBytes: 1_000 }, async (scene) => {
        await scene.hold(SECRET);
        const much = Buffer.alloc(8 * 1024 * 1024, ' ');
        const headers = { 'X-Hook-Signature': sign(much, SECRET) };
        for (const body of [much, [much]]) {
          const connection = await scene.connect();
          connection.write(requestBytes({ path: `${MOUNT}/bugs`, headers, body }));
          assert.equal((await connection.answer()).status, 413);
          // A reset that came at once could have overtaken the answer; by the end of another exchange it would be here.
          expectAnswer(await scene.deliver(bodyOf()), 200, 'heartbeat');
          assert.ok(!connection.over);
        }
      }),
  },
  {
    title: 'after a small body that nobody wanted the connection is used again',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET);
        const path = `${MOUNT}/bugs`;
        const connection = await scene.connect();
        connection.write(requestBytes({ path, body: ' '.repeat(10_000) }));
        assert.equal((await connection.answer()).status, 401);
        connection.write(
          requestBytes({ path, headers: { 'X-Hook-Signature': sign(bodyOf(), SECRET) }, body: bodyOf() }),
        );
        assert.equal((await connection.answer()).status, 200);
      }),
  },
  {
    title: 'a Content-Length that is too small cuts the body, which does not verify then',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET);
        const body = bodyOf(event('task.added'));
        const headers = { 'X-Hook-Signature': sign(body, SECRET), 'Content-Length': String(body.length - 1) };
        const connection = await scene.connect();
        connection.write(requestBytes({ path: `${MOUNT}/bugs`, headers, body }));
        // What is answered is up to the server, which meets a byte that begins no request.
        await scene.outcome('signature_mismatch');
        assert.deepEqual(scene.handled, []);
      }),
  },
  {
    title: 'a Content-Length that is too big, then the end: the body is taken as broken off',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET);
        const body = bodyOf(event('task.added'));
        const connection = await scene.connect();
        const headers = { 'X-Hook-Signature': sign(body, SECRET), 'Content-Length': String(body.length + 1) };
        connection.write(requestBytes({ path: `${MOUNT}/bugs`, headers, body }));
        connection.end();
        await scene.outcome('body_aborted');
        assert.deepEqual(scene.handled, []);
      }),
  },
  {
    title: 'an upload that is aborted half way is an outcome, and the next delivery is handled',
    run: (adapter) => {
      const { secrets, found } = watchFinds();
      return inScene(adapter, { secrets }, async (scene) => {
        await scene.hold(SECRET);
        const body = bodyOf(event('task.added'));
        const slow = await slowStart(scene, found, body, SECRET);
        slow.connection.destroy();
        await scene.outcome('body_aborted');
        assert.deepEqual(scene.handled, []);
        expectAnswer(await scene.deliver(body), 200, 'delivery_handled');
      });
    },
  },
  {
    title: 'an upload that is aborted within a chunk is an outcome',
    run: (adapter) => {
      const { secrets, found } = watchFinds();
      return inScene(adapter, { secrets }, async (scene) => {
        await scene.hold(SECRET);
        const body = Buffer.from(bodyOf(event('task.added')));
        const headers = { 'X-Hook-Signature': sign(body, SECRET), 'Transfer-Encoding': 'chunked' };
        const connection = await scene.connect();
        const judged = found();
        // Every byte of the body is there, but not the chunk that says so.
        connection.write(requestBytes({ path: `${MOUNT}/bugs`, headers }), chunk(body));
        await judged;
        connection.destroy();
        await scene.outcome('body_aborted');
        assert.deepEqual(scene.handled, []);
      });
    },
  },
  {
    title: 'an upload that stalls is answered 408 in time',
    run: (adapter) => {
      const { secrets, found } = watchFinds();
      return inScene(adapter, { secrets, answerWithinMs: 150 }, async (scene) => {
        await scene.hold(SECRET);
        const slow = await slowStart(scene, found, bodyOf(event('task.added')), SECRET);
        const answer = await slow.connection.answer();
        assert.equal(answer.status, 408);
        assert.deepEqual(scene.codes, ['body_stalled']);
        assert.deepEqual(scene.handled, []);
      });
    },
  },
  {
    title: 'a body that arrives while the store is still being asked is not lost',
    run: (adapter) => {
      const store = memorySecrets();
      const find = async (hookId: string) => {
        for (let turn = 0; turn < 20; turn++) await setImmediate();
        return await store.find(hookId);
      };
      return inScene(adapter, { secrets: { ...store, find } }, async (scene) => {
        await scene.hold(SECRET);
        const events = Array.from({ length: 500 }, () => event('task.added'));
        expectAnswer(await scene.deliver(bodyOf(...events)), 200, 'delivery_handled');
        const bytes = Buffer.from(bodyOf(event('task.added')));
        expectAnswer(await scene.deliver([bytes.subarray(0, 9), bytes.subarray(9)]), 200, 'delivery_handled');
        assert.equal(scene.handled.length, 501);
      });
    },
  },
  {
    title: 'a store that is down or silent makes a delivery a 503 with Retry-After, never a hang',
    run: async (adapter) => {
      const down = () => Promise.reject(new Error('connection refused'));
      const silent = () => new Promise<never>(() => {});
      for (const find of [down, silent]) {
        await inScene(
          adapter,
          { secrets: { ...memorySecrets(), find }, answerWithinMs: 60 },
          async (scene) => {
            const answer = await scene.deliver(bodyOf(event('task.added')));
            expectAnswer(answer, 503, 'store_failed');
            assert.match(answer.header('retry-after') ?? '', /^[1-9]\d*$/);
          },
        );
      }
    },
  },
];
