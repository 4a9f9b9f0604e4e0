import assert from 'node:assert/strict';
import { memorySecrets } from '@hookshake/core';
import { event } from '../event.js';
import { requestBytes } from '../request-bytes.js';
import type { AdapterCase } from './adapter-case.js';
import { MOUNT } from './adapter-under-test.js';
import { bodyOf, expectAnswer, inScene, OTHER_SECRET, SECRET } from './scene.js';
import { slowStart, watchFinds } from './slow-upload.js';

/** Paths that name no hook: answered like an unknown one, without a look-up. */
const NAMELESS = [
  'no%20body',
  'bugs%2Fred',
  '%62ugs',
  'bugs%00',
  'b%C3%BCgs',
  'bugs//red',
  'bugs//',
  'bugs;a=1',
  'bugs:1',
  'a@b',
  'bugs,ideas',
  'default',
  'default/',
  'x'.repeat(201),
];

/** Hosts: what lies beside the mount, and which hook a path names. */
export const hostCases: readonly AdapterCase[] = [
  {
    title: 'a path outside the mount goes to the host exactly once, its body untouched',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        for (const path of [
          '/',
          '/next',
          '/webhooks',
          '/webhooks/asanas',
          '/webhooks/asana-2/bugs',
          '/x/webhooks/asana',
        ]) {
          const headers = { 'Content-Type': 'application/json', 'X-Hook-Secret': SECRET };
          const answer = await scene.send({ path, headers, body: '{"of":["the host"]}' });
          assert.equal(answer.status, 200, path);
          assert.deepEqual(JSON.parse(answer.body.toString()), { times: 1, body: { of: ['the host'] } });
          assert.equal(answer.header('x-hook-secret'), undefined);
        }
        assert.deepEqual(scene.codes, []);
      }),
  },
  {
    title: 'the mount itself is the hook default, what lies below it is named by its path',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        const hooks = ['', 'bugs', 'teams/blue/bugs', 'A-Z_a.z~09', 'x'.repeat(200)];
        for (const [index, hook] of hooks.entries()) {
          const secret = `${index}${SECRET}`;
          await scene.hold(secret, hook === '' ? 'default' : hook);
          expectAnswer(await scene.deliver(bodyOf(), { to: hook, secret }), 200, 'heartbeat');
        }
      }),
  },
  {
    title: 'the query and one trailing slash are ignored',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET, 'bugs');
        await scene.hold(OTHER_SECRET, 'default');
        for (const tail of ['/bugs', '/bugs/', '/bugs?a=1', '/bugs/?a=/b%20c', '/bugs?']) {
          expectAnswer(await scene.deliver(bodyOf(), { path: MOUNT + tail }), 200, 'heartbeat');
        }
        for (const tail of ['', '/', '?a=1', '/?hookId=bugs', '?']) {
          const sent = { path: MOUNT + tail, secret: OTHER_SECRET };
          expectAnswer(await scene.deliver(bodyOf(), sent), 200, 'heartbeat');
        }
      }),
  },
  {
    title: 'a whole URL for a path, as it is sent to a proxy, names the same hook',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET, 'bugs');
        for (const origin of ['http://example.com', 'https://example.com:8443']) {
          const path = `${origin}${MOUNT}/bugs?a=1`;
          expectAnswer(await scene.deliver(bodyOf(), { path }), 200, 'heartbeat');
        }
      }),
  },
  ...NAMELESS.map(
    (name): AdapterCase => ({
      title: `the path ${JSON.stringify(name.length > 20 ? `${name[0]} × ${name.length}` : name)} names no hook: 401, no look-up, no handshake`,
      run: (adapter) => {
        const asked: string[] = [];
        const store = memorySecrets();
        const find = (hookId: string) => {
          asked.push(hookId);
          return store.find(hookId);
        };
        return inScene(adapter, { secrets: { ...store, find }, handshakes: () => true }, async (scene) => {
          await scene.hold(SECRET, 'bugs');
          await scene.hold(SECRET, 'bugs/red');
          await scene.hold(SECRET, 'default');
          expectAnswer(await scene.deliver(bodyOf(), { to: name }), 401, 'unknown_hook');
          expectAnswer(await scene.shake(OTHER_SECRET, { to: name }), 403, 'handshake_refused');
          assert.deepEqual(asked, []);
        });
      },
    }),
  ),
  {
    title: 'a path with dot segments or a broken escape verifies nothing',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET, 'bugs');
        // Some servers resolve or refuse these before any adapter sees them; either way none of them is the hook.
        for (const to of [
          'bugs/..',
          './/bugs',
          'bugs/%2e%2e',
          '../../asana-2/bugs',
          '..',
          'bugs%',
          'bugs%zz',
        ]) {
          const answer = await scene.deliver(bodyOf(event('task.added')), { to });
          if (answer.code !== undefined) assert.equal(answer.status, 401);
        }
        assert.deepEqual(scene.handled, []);
      }),
  },
  {
    title: 'the hookId option decides instead of the path',
    run: (adapter) =>
      inScene(adapter, { hookId: () => 'bugs' }, async (scene) => {
        await scene.hold(SECRET, 'bugs');
        for (const to of ['', 'bugs', 'ideas/7', '%20']) {
          expectAnswer(await scene.deliver(bodyOf(), { to }), 200, 'heartbeat');
        }
      }),
  },
  {
    title: 'a hookId option that gives nothing, or no hook id, is answered like an unknown hook',
    run: async (adapter) => {
      for (const hookId of [undefined, '', 'a b', '../bugs', 'x'.repeat(201)]) {
        await inScene(adapter, { hookId: () => hookId }, async (scene) => {
          await scene.hold(SECRET, 'bugs');
          expectAnswer(await scene.deliver(bodyOf()), 401, 'unknown_hook');
        });
      }
    },
  },
  {
    title: 'a hookId option that throws is answered 500 with a code, and its message stays inside',
    run: (adapter) => {
      const hookId = () => {
        throw new Error(SECRET);
      };
      return inScene(adapter, { hookId }, async (scene) => {
        expectAnswer(await scene.deliver(bodyOf()), 500, 'hook_id_failed');
        expectAnswer(await scene.shake(OTHER_SECRET), 500, 'hook_id_failed');
      });
    },
  },
  {
    title: 'closed while requests are in flight: those finish, new ones get 503 with Retry-After',
    run: (adapter) => {
      let finish = () => {};
      const begun: (() => void)[] = [];
      const beginning = new Promise<void>((resolve) => begun.push(resolve));
      return inScene(adapter, {}, async (scene) => {
        scene.receiver.on('task.added', async () => {
          for (const tell of begun) tell();
          await new Promise<void>((resolve) => (finish = resolve));
        });
        await scene.hold(SECRET);
        const running = scene.deliver(bodyOf(event('task.added')));
        await beginning;
        const closing = scene.receiver.close();
        for (const answer of [await scene.deliver(bodyOf()), await scene.shake(SECRET)]) {
          assert.equal(answer.status, 503);
          assert.match(answer.header('retry-after') ?? '', /^[1-9]\d*$/);
          assert.equal(answer.body.toString().split(':')[0], 'closing');
        }
        finish();
        assert.equal((await running).status, 200);
        await closing;
      });
    },
  },
  {
    title: 'a handler is cut short when closing has waited long enough',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        const begun = new Promise<void>((resolve) => {
          scene.receiver.on('task.added', async () => {
            resolve();
            await new Promise(() => {});
          });
        });
        await scene.hold(SECRET);
        const running = scene.deliver(bodyOf(event('task.added')));
        await begun;
        await scene.receiver.close({ withinMs: 1 });
        expectAnswer(await running, 503, 'closing');
      }),
  },
  {
    title: 'no secret, signature, payload or message of a handler is in any log line, outcome or answer',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        scene.receiver.on('task.deleted', () => {
          throw new Error('the handler said PRIVATE');
        });
        await scene.hold(SECRET);
        const named = (action: string) => ({ ...event('task.added'), action, notes: 'PRIVATE' });
        const answers = [
          await scene.deliver(bodyOf(named('deleted'))),
          await scene.deliver(bodyOf(named('added')), { secret: OTHER_SECRET }),
          await scene.deliver(bodyOf(named('added')), { to: 'PRIVATE%20' }),
          await scene.deliver('PRIVATE'),
          await scene.send({ body: 'PRIVATE', headers: { 'X-Hook-Signature': 'PRIVATE' } }),
          await scene.shake('PRIVATE but not a secret'),
          await scene.shake('PRIVATE'),
        ];
        assert.deepEqual(
          answers.map(({ status }) => status),
          [500, 401, 401, 200, 401, 400, 403],
        );
        const outcomes = scene.outcomes.map((outcome) => JSON.stringify({ ...outcome, error: undefined }));
        const texts = [...scene.log, ...outcomes, ...answers.map(({ body }) => body.toString())];
        for (const { headers } of answers) texts.push(JSON.stringify(headers));
        assert.deepEqual(
          texts.filter((text) => text.includes('PRIVATE')),
          [],
        );
      }),
  },
  {
    title:
      'forged deliveries, unknown hooks and stalled uploads do not keep genuine deliveries from being handled',
    run: (adapter) => {
      const { secrets, found } = watchFinds();
      return inScene(adapter, { secrets }, async (scene) => {
        await scene.hold(SECRET);
        for (let index = 0; index < 30; index++) {
          await slowStart(scene, found, bodyOf(event('task.added')), OTHER_SECRET);
        }
        const path = `${MOUNT}/bugs`;
        const strangers = Array.from({ length: 4 }, async (_, stranger) => {
          const connection = await scene.connect();
          for (let index = 0; index < 50; index++) {
            const headers = { 'X-Hook-Signature': index.toString(16).padStart(64, '0') };
            const to = index % 2 === 0 ? path : `${path}-${stranger}-${index}`;
            connection.write(requestBytes({ path: to, headers, body: bodyOf() }));
            assert.equal((await connection.answer()).status, 401);
          }
        });
        const genuine = Array.from({ length: 10 }, () => scene.deliver(bodyOf(event('task.added'))));
        const [answers] = await Promise.all([Promise.all(genuine), Promise.all(strangers)]);
        assert.deepEqual(
          answers.map(({ status }) => status),
          answers.map(() => 200),
        );
        assert.equal(scene.handled.length, 10);
        assert.ok(scene.log.length < 100, 'strangers filled the log');
      });
    },
  },
];
