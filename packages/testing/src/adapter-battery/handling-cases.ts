import assert from 'node:assert/strict';
import { isHookshakeError } from '@hookshake/core';
import { event } from '../event.js';
import type { AdapterCase } from './adapter-case.js';
import { bodyOf, expectAnswer, inScene, OTHER_SECRET, SECRET } from './scene.js';

const known = { gid: '1', resource_type: 'task' } as const;

const undocumented: Readonly<Record<string, unknown>> = {
  'an unknown resource type': { ...event('task.added'), resource: { gid: '1', resource_type: 'rocket' } },
  'an unknown action': { ...event('task.added'), action: 'launched' },
  'an unknown subtype': { ...event('task.added'), resource: { ...known, resource_subtype: 'orbit' } },
  'an unknown field': { ...event('task.changed.name'), change: { field: 'thrust', action: 'changed' } },
  'a field that is no text': { ...event('task.changed.name'), change: { field: 7, action: 'changed' } },
  'no user, parent or time': { action: 'changed', resource: known, user: null, parent: null },
  'no resource': { action: 'added' },
  'no more than a sync_error': { action: 'sync_error', message: 'lost' },
};

/** Handling: what handlers see, and what their failures answer. */
export const handlingCases: readonly AdapterCase[] = [
  {
    title: 'a heartbeat is answered 200 and calls no event handler',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        const beats: unknown[] = [];
        scene.receiver.on('heartbeat', (nothing) => void beats.push(nothing));
        await scene.hold(SECRET);
        expectAnswer(await scene.deliver('{"events":[]}'), 200, 'heartbeat');
        expectAnswer(await scene.deliver('{"events":[]}'), 200, 'heartbeat');
        assert.deepEqual(beats, [undefined, undefined]);
        assert.deepEqual(scene.handled, []);
      }),
  },
  ...Object.entries(undocumented).map(
    ([what, one]): AdapterCase => ({
      title: `an event with ${what} is answered 200 and reaches the handlers for *`,
      run: (adapter) =>
        inScene(adapter, {}, async (scene) => {
          await scene.hold(SECRET);
          expectAnswer(await scene.deliver(bodyOf(one)), 200, 'delivery_handled');
          assert.deepEqual(
            scene.handled.map((call) => call.event),
            [one],
          );
        }),
    }),
  ),
  {
    title: 'handlers run by name in order of registration, and learn their delivery',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        const calls: string[] = [];
        for (const name of [
          'task.changed.name',
          'task.*',
          'task.changed',
          'task.added',
          'sync_error',
        ] as const) {
          scene.receiver.on(name, () => void calls.push(name));
        }
        await scene.hold(SECRET, 'teams/blue');
        const body = bodyOf(event('task.changed.name'), event('task.added'), event('sync_error'));
        expectAnswer(await scene.deliver(body, { to: 'teams/blue' }), 200, 'delivery_handled');
        assert.deepEqual(calls, [
          ...['task.changed.name', 'task.*', 'task.changed'],
          ...['task.*', 'task.added'],
          'sync_error',
        ]);
        const [first, second] = scene.handled.map(({ context }) => context);
        assert.deepEqual([first?.hookId, first?.attempt], ['teams/blue', 1]);
        assert.equal(first?.deliveryId, second?.deliveryId);
        assert.notEqual(first?.eventKey, second?.eventKey);
      }),
  },
  {
    title: 'if one event of many fails the answer is 500, and only that one is handled when they come again',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        let fails = true;
        scene.receiver.on('task.deleted', () => {
          if (fails) throw new Error('not yet');
        });
        await scene.hold(SECRET);
        const body = bodyOf(event('task.added'), event('task.deleted'), event('task.undeleted'));
        const answer = await scene.deliver(body);
        expectAnswer(answer, 500, 'handler_failed');
        assert.ok(!answer.body.includes('not yet'));
        assert.deepEqual(scene.eventCodes, ['event_handled', 'event_failed', 'event_handled']);
        fails = false;
        expectAnswer(await scene.deliver(body), 200, 'delivery_handled');
        assert.deepEqual(
          scene.handled.map(({ event: one, context }) => `${one.action} ${context.attempt}`),
          ['added 1', 'deleted 1', 'undeleted 1', 'deleted 2'],
        );
      }),
  },
  {
    title: 'a handler that throws or rejects, with whatever value, makes it a 500',
    run: async (adapter) => {
      const failures: readonly (() => void | Promise<void>)[] = [
        () => {
          throw new Error(SECRET);
        },
        () => {
          throw undefined;
        },
        () => Promise.reject(new Error(SECRET)),
        () => Promise.reject(null),
      ];
      for (const fail of failures) {
        await inScene(adapter, {}, async (scene) => {
          scene.receiver.on('task.added', fail);
          await scene.hold(SECRET);
          expectAnswer(await scene.deliver(bodyOf(event('task.added'))), 500, 'handler_failed');
        });
      }
    },
  },
  {
    title: 'a handler that never settles is answered 503 in time and its signal is aborted',
    run: (adapter) =>
      inScene(adapter, { answerWithinMs: 80 }, async (scene) => {
        const signals: AbortSignal[] = [];
        scene.receiver.on('task.added', async (_event, { signal }) => {
          signals.push(signal);
          await new Promise(() => {});
        });
        await scene.hold(SECRET);
        const answer = await scene.deliver(bodyOf(event('task.added')));
        expectAnswer(answer, 503, 'deadline_exceeded');
        assert.match(answer.header('retry-after') ?? '', /^[1-9]\d*$/);
        assert.deepEqual(
          signals.map(({ aborted }) => aborted),
          [true],
        );
      }),
  },
  {
    title: 'an event whose handler succeeds after the deadline is not handled again',
    run: (adapter) =>
      inScene(adapter, { answerWithinMs: 80 }, async (scene) => {
        let finish = () => {};
        scene.receiver.on('task.added', () => new Promise((resolve) => (finish = resolve)));
        await scene.hold(SECRET);
        const body = bodyOf(event('task.added'));
        expectAnswer(await scene.deliver(body), 503, 'deadline_exceeded');
        finish();
        await scene.receiver.idle();
        expectAnswer(await scene.deliver(body), 200, 'delivery_handled');
        assert.equal(scene.handled.length, 1);
      }),
  },
  {
    title: 'the same delivery again is answered 200 and handled once',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET);
        const body = bodyOf(event('task.added'), event('task.changed.name'));
        for (let time = 0; time < 3; time++) {
          expectAnswer(await scene.deliver(body), 200, 'delivery_handled');
        }
        assert.equal(scene.handled.length, 2);
      }),
  },
  {
    title: 'a later delivery that repeats some events brings only the new ones',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET);
        const [first, second, third] = [event('task.added'), event('task.added'), event('task.added')];
        expectAnswer(await scene.deliver(bodyOf(first, second)), 200, 'delivery_handled');
        // In another order of keys, which Asana does not fix.
        const again = Object.fromEntries(Object.entries(second).toReversed());
        expectAnswer(await scene.deliver(bodyOf(again, third)), 200, 'delivery_handled');
        assert.deepEqual(
          scene.handled.map((one) => one.event),
          [first, second, third],
        );
      }),
  },
  {
    title: 'the same event on two hooks is handled for both',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET, 'bugs');
        await scene.hold(OTHER_SECRET, 'ideas');
        const body = bodyOf(event('task.added'));
        expectAnswer(await scene.deliver(body), 200, 'delivery_handled');
        expectAnswer(
          await scene.deliver(body, { to: 'ideas', secret: OTHER_SECRET }),
          200,
          'delivery_handled',
        );
        assert.deepEqual(
          scene.handled.map(({ context }) => context.hookId),
          ['bugs', 'ideas'],
        );
      }),
  },
  {
    title: 'two equal events in one delivery are both handled, and once each when it comes again',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET);
        const one = event('task.changed.name');
        expectAnswer(await scene.deliver(bodyOf(one, one)), 200, 'delivery_handled');
        expectAnswer(await scene.deliver(bodyOf(one, one)), 200, 'delivery_handled');
        const keys = scene.handled.map(({ context }) => context.eventKey);
        assert.equal(keys.length, 2);
        assert.equal(new Set(keys).size, 2);
      }),
  },
  {
    title: 'a burst of deliveries on one resource is handled, each exactly once',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET);
        const events = Array.from({ length: 30 }, () => event('task.changed.name', { resource: known }));
        const answers = await Promise.all(events.map((one) => scene.deliver(bodyOf(one))));
        assert.deepEqual(
          answers.map(({ status }) => status),
          events.map(() => 200),
        );
        const times = scene.handled.map((one) => one.event.created_at);
        assert.deepEqual(
          times.sort(),
          events.map((one) => one.created_at),
        );
      }),
  },
  {
    title: 'a handler that is registered after the first delivery is refused',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET);
        expectAnswer(await scene.deliver(bodyOf()), 200, 'heartbeat');
        assert.throws(
          () => scene.receiver.on('task.added', () => {}),
          (error) => isHookshakeError(error, 'handler_too_late'),
        );
      }),
  },
];
