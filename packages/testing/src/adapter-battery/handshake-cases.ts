import assert from 'node:assert/strict';
import { memorySecrets } from '@hookshake/core';
import { delivery } from '../delivery.js';
import { event } from '../event.js';
import type { AdapterCase } from './adapter-case.js';
import { bodyOf, expectAnswer, expectAsSaid, inScene, OTHER_SECRET, SECRET, secretsOf } from './scene.js';

/** Handshakes: which are taken, what is echoed, what stays as it was. */
export const handshakeCases: readonly AdapterCase[] = [
  {
    title: 'an expected handshake is echoed byte for byte and its secret verifies deliveries from then on',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.receiver.expectHandshake('bugs');
        const answer = await scene.shake(SECRET);
        expectAnswer(answer, 200, 'handshake_accepted');
        assert.equal(answer.header('x-hook-secret'), SECRET);
        expectAnswer(await scene.deliver(bodyOf(event('task.added'))), 200, 'delivery_handled');
        assert.equal(scene.handled.length, 1);
      }),
  },
  {
    title: 'a second handshake on a hook that has a secret is refused, and genuine deliveries still verify',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET);
        const answer = await scene.shake(OTHER_SECRET);
        expectAnswer(answer, 403, 'handshake_refused');
        assert.equal(answer.header('x-hook-secret'), undefined);
        assert.deepEqual(await secretsOf(scene), [SECRET]);
        expectAnswer(await scene.deliver(bodyOf()), 200, 'heartbeat');
        expectAnswer(await scene.deliver(bodyOf(), { secret: OTHER_SECRET }), 401, 'signature_mismatch');
      }),
  },
  {
    title: 'of different handshakes racing on one open window exactly one is stored',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.receiver.expectHandshake('bugs');
        const racers = Array.from({ length: 10 }, (_, index) => `${index}${SECRET}`);
        const answers = await Promise.all(racers.map((secret) => scene.shake(secret)));
        const echoes = answers.flatMap((answer) => answer.header('x-hook-secret') ?? []);
        assert.equal(echoes.length, 1);
        assert.deepEqual(await secretsOf(scene), echoes);
        assert.deepEqual(answers.map(({ status }) => status).sort(), [
          200,
          ...Array.from({ length: 9 }, () => 403),
        ]);
      }),
  },
  {
    title:
      'a handshake that carries a signature and events too is a handshake, and its events are never handled',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(OTHER_SECRET);
        await scene.receiver.expectHandshake('bugs');
        const { headers, payload } = delivery([event('task.added')], { secret: OTHER_SECRET });
        const signature = headers['x-hook-signature'] ?? '';
        const answer = await scene.shake(SECRET, {
          headers: { 'X-Hook-Signature': signature },
          body: payload,
        });
        expectAnswer(answer, 200, 'handshake_accepted');
        const refused = await scene.shake(`${SECRET}2`, {
          headers: { 'X-Hook-Signature': signature },
          body: payload,
        });
        expectAnswer(refused, 403, 'handshake_refused');
        assert.deepEqual(scene.handled, []);
      }),
  },
  {
    title: 'a secret of any visible characters, up to 256 of them, is kept and echoed exactly',
    run: (adapter) =>
      inScene(adapter, { handshakes: () => true }, async (scene) => {
        const secrets = [
          '$&',
          'a,b,,c',
          '!"#%\'()*+-./:;<=>?@[\\]^_`{|}~',
          'x'.repeat(256),
          '0',
          'undefined',
        ];
        for (const secret of secrets) {
          const answer = await scene.shake(secret);
          expectAnswer(answer, 200, 'handshake_accepted');
          assert.equal(answer.header('x-hook-secret'), secret);
          expectAnswer(await scene.deliver(bodyOf(), { secret }), 200, 'heartbeat');
        }
        assert.deepEqual(await secretsOf(scene), secrets);
      }),
  },
  {
    title: 'a secret that is empty, too long, or not visible ASCII is answered 400 and not kept',
    run: (adapter) =>
      inScene(adapter, { handshakes: () => true }, async (scene) => {
        for (const secret of [
          '',
          'x'.repeat(257),
          'a b',
          'a\tb',
          'caf\u00e9',
          '\u00e2\u0082\u00ac'.repeat(5),
        ]) {
          expectAnswer(await scene.shake(secret), 400, 'handshake_malformed');
        }
        assert.deepEqual(await secretsOf(scene), []);
      }),
  },
  {
    title: 'a secret with a control character is answered 400 and not kept',
    run: (adapter) =>
      inScene(adapter, { handshakes: () => true }, async (scene) => {
        for (const secret of ['a\u0000b', 'a\u0007b']) {
          // Node's parser refuses these before any adapter sees them, so there is no code.
          assert.equal((await scene.shake(secret)).status, 400);
        }
        assert.deepEqual(await secretsOf(scene), []);
      }),
  },
  {
    title: 'two X-Hook-Secret headers are no secret, neither of them is kept',
    run: (adapter) =>
      inScene(adapter, { handshakes: () => true }, async (scene) => {
        const headers = { 'X-Hook-Secret': [SECRET, OTHER_SECRET] };
        expectAnswer(await scene.send({ headers, body: '{}' }), 400, 'handshake_malformed');
        assert.deepEqual(await secretsOf(scene), []);
      }),
  },
  ...['X-Hook-Secret', 'x-hook-secret', 'X-HOOK-SECRET', 'x-Hook-sEcret'].map(
    (name): AdapterCase => ({
      title: `the header of a handshake may be written ${name}`,
      run: (adapter) =>
        inScene(adapter, {}, async (scene) => {
          await scene.receiver.expectHandshake('bugs');
          const answer = await scene.send({ headers: { [name]: SECRET }, body: '{}' });
          expectAnswer(answer, 200, 'handshake_accepted');
          assert.equal(answer.header('x-hook-secret'), SECRET);
        }),
    }),
  ),
  {
    title: 'the body of a handshake may be absent, empty, {} or a heartbeat, of any content type or none',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET);
        const types = [
          undefined,
          'application/json',
          'application/json; charset=utf-8',
          'text/plain',
          'no type',
        ];
        for (const body of [undefined, '', '{}', '{"events":[]}', [Buffer.from('{}')], []]) {
          for (const type of types) {
            const headers = { 'X-Hook-Secret': SECRET, ...(type !== undefined && { 'Content-Type': type }) };
            expectAnswer(await scene.send({ headers, body }), 200, 'handshake_known');
          }
        }
      }),
  },
  {
    title: 'a store that is down or silent during a handshake makes it a 503 with Retry-After, never a hang',
    run: async (adapter) => {
      const down = () => Promise.reject(new Error('connection refused'));
      const silent = () => new Promise<never>(() => {});
      for (const accept of [down, silent]) {
        const secrets = { ...memorySecrets(), accept };
        await inScene(adapter, { secrets, answerWithinMs: 60 }, async (scene) => {
          const answer = await scene.shake(SECRET);
          expectAnswer(answer, 503, 'store_failed');
          assert.match(answer.header('retry-after') ?? '', /^[1-9]\d*$/);
          assert.equal(answer.header('x-hook-secret'), undefined);
        });
      }
    },
  },
  {
    title: 'a delivery ahead of its secret is 401 now and 200 when it comes again',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        const body = bodyOf(event('task.added'));
        expectAnswer(await scene.deliver(body), 401, 'unknown_hook');
        await scene.receiver.expectHandshake('bugs');
        expectAnswer(await scene.shake(SECRET), 200, 'handshake_accepted');
        expectAnswer(await scene.deliver(body), 200, 'delivery_handled');
        assert.equal(scene.handled.length, 1);
      }),
  },
  {
    title: 'the same handshake again is echoed again, writes nothing and closes no window',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.receiver.expectHandshake('bugs');
        expectAnswer(await scene.shake(SECRET), 200, 'handshake_accepted');
        await scene.receiver.expectHandshake('bugs');
        const again = await scene.shake(SECRET);
        expectAnswer(again, 200, 'handshake_known');
        assert.equal(again.header('x-hook-secret'), SECRET);
        assert.deepEqual(await secretsOf(scene), [SECRET]);
        expectAnswer(await scene.shake(OTHER_SECRET), 200, 'handshake_accepted');
      }),
  },
  {
    title: 'any method but POST is answered 405 with Allow: POST, and handles and stores nothing',
    run: (adapter) =>
      inScene(adapter, { handshakes: () => true }, async (scene) => {
        for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
          for (const to of ['bugs', '']) {
            const answer = await scene.shake(SECRET, {
              method,
              to,
              ...(method !== 'PUT' && { body: undefined }),
            });
            assert.deepEqual([answer.status, answer.code], [405, 'method_not_allowed'], method);
            expectAsSaid(answer, method);
            assert.equal(answer.header('allow'), 'POST');
          }
        }
        assert.deepEqual(await secretsOf(scene), []);
      }),
  },
  {
    title: 'the 17th secret of a hook is refused, and none of the sixteen goes',
    run: (adapter) =>
      inScene(adapter, { handshakes: () => true }, async (scene) => {
        const secrets = Array.from({ length: 16 }, (_, index) => `${SECRET}${index}`);
        for (const secret of secrets) await scene.hold(secret);
        expectAnswer(await scene.shake(OTHER_SECRET), 403, 'handshake_full');
        assert.deepEqual(await secretsOf(scene), secrets);
      }),
  },
];
