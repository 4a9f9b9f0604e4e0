import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { memorySecrets, sign } from '@hookshake/core';
import { event } from '../event.js';
import { requestBytes } from '../request-bytes.js';
import type { AdapterCase } from './adapter-case.js';
import { MOUNT } from './adapter-under-test.js';
import { type Answer, bodyOf, expectAnswer, inScene, OTHER_SECRET, SECRET } from './scene.js';
import { slowStart, watchFinds } from './slow-upload.js';

const BODY = bodyOf(event('task.changed.name'));
const GOOD = sign(BODY, SECRET);

const malformed: Readonly<Record<string, string | readonly string[]>> = {
  empty: '',
  short: GOOD.slice(0, 62),
  'of an odd length': GOOD.slice(0, 63),
  'too long': `${GOOD}00`,
  'in capitals': sign(BODY, SECRET).toUpperCase(),
  'with a prefix': `sha256=${GOOD}`,
  'with trailing junk': `${GOOD}zz`,
  'followed by a list': `${GOOD}, ${GOOD}`,
  'of 64 characters, one of them not hex': `${GOOD.slice(0, 63)}g`,
  'of 64 characters in more bytes': `${GOOD.slice(0, 62)}\u00c3\u00a9`,
  'of 63 digits and one Latin-1 byte': `${GOOD.slice(0, 63)}\u00e9`,
  'in base64': createHmac('sha256', SECRET).update(BODY).digest('base64'),
  'sent twice': [GOOD, GOOD],
  'sent right, then wrong': [GOOD, '0'.repeat(64)],
  absent: [],
};

/** Signatures: only exactly the right one verifies, and only for its own hook. */
export const signatureCases: readonly AdapterCase[] = [
  ...Object.entries(malformed).map(
    ([what, signature]): AdapterCase => ({
      title: `a signature ${what} is answered 401 before the body is looked at`,
      run: (adapter) =>
        inScene(adapter, {}, async (scene) => {
          await scene.hold(SECRET);
          const answer = await scene.deliver(BODY, { headers: { 'X-Hook-Signature': signature } });
          expectAnswer(answer, 401, 'signature_malformed');
          assert.deepEqual(scene.handled, []);
        }),
    }),
  ),
  {
    title: 'a signature in a header of any case verifies, with spaces around it too',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET);
        for (const name of ['x-hook-signature', 'X-HOOK-SIGNATURE', 'X-Hook-Signature']) {
          const headers = { [name]: `  ${sign(bodyOf(), SECRET)} ` };
          expectAnswer(await scene.send({ headers, body: bodyOf() }), 200, 'heartbeat');
        }
      }),
  },
  {
    title: 'an unknown hook, a malformed signature and a wrong one get the same status and bytes',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET);
        const answers = [
          await scene.deliver(BODY, { to: 'nobody' }),
          await scene.deliver(BODY, { to: 'no%20body' }),
          await scene.deliver(BODY, { secret: OTHER_SECRET }),
          await scene.deliver(BODY, { headers: { 'X-Hook-Signature': 'junk' } }),
          await scene.send({ body: BODY }),
        ];
        const comparable = ({ status, headers, body }: Answer) => ({
          status,
          body: body.toString(),
          headers: headers.filter(([name]) => name.toLowerCase() !== 'date'),
        });
        for (const answer of answers) assert.deepEqual(comparable(answer), comparable(answers[0] ?? answer));
        assert.deepEqual(scene.codes, [
          'unknown_hook',
          'unknown_hook',
          'signature_mismatch',
          'signature_malformed',
          'signature_malformed',
        ]);
      }),
  },
  {
    title: 'nothing verifies on a hook without a secret, not even a signature under the empty key',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        const signature = createHmac('sha256', '').update(BODY).digest('hex');
        const headers = { 'X-Hook-Signature': signature };
        expectAnswer(await scene.deliver(BODY, { headers }), 401, 'unknown_hook');
      }),
  },
  {
    title: 'an empty secret in the store verifies nothing',
    run: (adapter) =>
      inScene(adapter, { secrets: { ...memorySecrets(), find: () => [{ secret: '' }] } }, async (scene) => {
        const headers = { 'X-Hook-Signature': createHmac('sha256', '').update(BODY).digest('hex') };
        expectAnswer(await scene.deliver(BODY, { headers }), 401, 'signature_mismatch');
      }),
  },
  {
    title: "a signature made with another hook's secret never verifies",
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET, 'bugs');
        await scene.hold(OTHER_SECRET, 'ideas');
        expectAnswer(await scene.deliver(BODY, { secret: OTHER_SECRET }), 401, 'signature_mismatch');
        expectAnswer(await scene.deliver(BODY, { to: 'ideas' }), 401, 'signature_mismatch');
        expectAnswer(await scene.deliver(BODY, { to: '' }), 401, 'unknown_hook');
        expectAnswer(await scene.deliver(BODY), 200, 'delivery_handled');
        assert.deepEqual(
          scene.handled.map(({ context }) => context.hookId),
          ['bugs'],
        );
      }),
  },
  {
    title: "another hook's secret does not verify while a slow upload to the first hook is in flight",
    run: (adapter) => {
      const { secrets, found } = watchFinds();
      return inScene(adapter, { secrets }, async (scene) => {
        await scene.hold(SECRET, 'bugs');
        await scene.hold(OTHER_SECRET, 'ideas');
        const slow = await slowStart(scene, found, BODY, OTHER_SECRET);
        expectAnswer(
          await scene.deliver(BODY, { to: 'ideas', secret: OTHER_SECRET }),
          200,
          'delivery_handled',
        );
        assert.equal((await slow.finish()).status, 401);
        assert.deepEqual(
          scene.handled.map(({ context }) => context.hookId),
          ['ideas'],
        );
      });
    },
  },
  {
    title: 'each of several secrets of a hook verifies, wherever it stands',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        const secrets = ['first', 'second', 'third'].map((name) => `${name}-${SECRET}`);
        for (const secret of secrets) await scene.hold(secret);
        for (const secret of [...secrets, ...secrets.toReversed()]) {
          expectAnswer(await scene.deliver(bodyOf(), { secret }), 200, 'heartbeat');
        }
        expectAnswer(await scene.deliver(bodyOf()), 401, 'signature_mismatch');
      }),
  },
  {
    title: 'a secret that is forgotten while a delivery is being uploaded verifies no more',
    run: (adapter) => {
      const { secrets, found } = watchFinds();
      return inScene(adapter, { secrets }, async (scene) => {
        await scene.hold(SECRET);
        await scene.hold(OTHER_SECRET);
        const slow = await slowStart(scene, found, BODY, SECRET);
        await scene.receiver.forget('bugs', { secret: SECRET });
        assert.equal((await slow.finish()).status, 401);
        assert.deepEqual(scene.handled, []);
        expectAnswer(await scene.deliver(BODY, { secret: OTHER_SECRET }), 200, 'delivery_handled');
      });
    },
  },
  {
    title: 'two requests on one connection are judged each for itself',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET);
        const path = `${MOUNT}/bugs`;
        const connection = await scene.connect();
        connection.write(
          requestBytes({ path, headers: { 'X-Hook-Signature': '0'.repeat(64) }, body: BODY }),
          requestBytes({ path, headers: { 'X-Hook-Signature': GOOD }, body: BODY }),
        );
        assert.equal((await connection.answer()).status, 401);
        assert.equal((await connection.answer()).status, 200);
      }),
  },
];
