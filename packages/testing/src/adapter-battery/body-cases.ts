import assert from 'node:assert/strict';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { sign } from '@hookshake/core';
import { event } from '../event.js';
import type { AdapterCase } from './adapter-case.js';
import { bodyOf, expectAnswer, inScene, SECRET } from './scene.js';
import { slowStart, watchFinds } from './slow-upload.js';

const RESOURCE = '"resource":{"gid":"1","resource_type":"task"}';

/** Genuine bodies that a parser and a serialiser would not give back byte for byte. */
const written: Readonly<Record<string, string>> = {
  'spaces and line ends': `{ "events" : [ {"action":"added",\r\n\t${RESOURCE}} ] }\n`,
  'escaped slashes': `{"events":[{"action":"added","path":"a\\/b",${RESOURCE}}]}`,
  'a number written 1.0': `{"events":[{"action":"added","n":1.0,"m":1e2,${RESOURCE}}]}`,
  'escapes for characters': `{"events":[{"action":"added","text":"\\u00e9\\u0041\\ud83d\\ude00",${RESOURCE}}]}`,
  'a key that occurs twice': `{"events":[],"events":[{"action":"deleted","action":"added",${RESOURCE}}]}`,
  'an unusual order of keys': `{"z":0,"events":[{${RESOURCE},"10":1,"2":2,"action":"added"}],"a":1}`,
  'characters beyond ASCII': `{"events":[{"action":"added","text":"Grüße, 日本 😀 \u2028",${RESOURCE}}]}`,
};

const unreadable: Readonly<Record<string, Uint8Array>> = {
  'not UTF-8': Buffer.from(`{"events":[{"action":"added","text":"\u00ff\u00fe",${RESOURCE}}]}`, 'latin1'),
  'with a byte order mark': Buffer.from(`\ufeff${bodyOf()}`),
  'cut within a character': Buffer.from(`{"events":[],"text":"é"}`).subarray(0, 22),
  'not JSON': Buffer.from('events=none'),
  'of NUL bytes': Buffer.alloc(8),
  'without events': Buffer.from('{"event":[]}'),
  'whose events are an object': Buffer.from('{"events":{"0":{"action":"added"}}}'),
  'which is JSON null': Buffer.from('null'),
  'which is an array': Buffer.from('[]'),
  'of no bytes': Buffer.alloc(0),
  'compressed with gzip': gzipSync(bodyOf(event('task.added'))),
};

/** Bodies: exactly the bytes on the wire are what was signed, whatever they hold. */
export const bodyCases: readonly AdapterCase[] = [
  ...Object.entries(written).map(
    ([what, body]): AdapterCase => ({
      title: `a body with ${what} verifies`,
      run: (adapter) =>
        inScene(adapter, {}, async (scene) => {
          await scene.hold(SECRET);
          expectAnswer(await scene.deliver(body), 200, 'delivery_handled');
          assert.deepEqual(
            scene.handled.map((one) => one.event),
            JSON.parse(body).events,
          );
        }),
    }),
  ),
  ...Object.entries(unreadable).map(
    ([what, body]): AdapterCase => ({
      title: `a body ${what} verifies and is then unreadable: 200, an error in the log, nothing handled`,
      run: (adapter) =>
        inScene(adapter, {}, async (scene) => {
          await scene.hold(SECRET);
          expectAnswer(await scene.deliver(body), 200, 'delivery_unreadable');
          assert.ok(scene.log.some((line) => line.includes('delivery_unreadable')));
          assert.deepEqual(scene.handled, []);
        }),
    }),
  ),
  {
    title: 'a character split over two chunks arrives whole',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET);
        const bytes = Buffer.from(written['characters beyond ASCII'] ?? '');
        const single = Array.from({ length: bytes.length }, (_, index) => bytes.subarray(index, index + 1));
        const at = bytes.indexOf('😀') + 2;
        for (const chunks of [[bytes.subarray(0, at), bytes.subarray(at)], single]) {
          const answer = await scene.deliver(chunks);
          expectAnswer(answer, 200, 'delivery_handled');
        }
      }),
  },
  {
    title: 'a character split over two TCP segments arrives whole',
    run: (adapter) => {
      const { secrets, found } = watchFinds();
      return inScene(adapter, { secrets }, async (scene) => {
        await scene.hold(SECRET);
        const body = written['characters beyond ASCII'] ?? '';
        const slow = await slowStart(scene, found, body, SECRET, Buffer.from(body).indexOf('😀') + 2);
        assert.equal((await slow.finish()).status, 200);
        assert.equal(scene.handled.length, 1);
      });
    },
  },
  {
    title: 'a delivery of 1,000 events is handled whole and in order',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET);
        const events = Array.from({ length: 1_000 }, () => event('task.changed.name'));
        expectAnswer(await scene.deliver(bodyOf(...events)), 200, 'delivery_handled');
        assert.deepEqual(
          scene.handled.map((one) => one.event),
          events,
        );
      }),
  },
  {
    title: 'the content type does not matter',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET);
        const types = [
          'application/json',
          'application/json; charset=utf-8',
          'application/json; charset=latin1',
          'application/x-www-form-urlencoded',
          'multipart/form-data; boundary=x',
          'text/plain',
          'not a type',
          [],
        ];
        for (const type of types) {
          const body = bodyOf(event('task.added'));
          expectAnswer(
            await scene.deliver(body, { headers: { 'Content-Type': type } }),
            200,
            'delivery_handled',
          );
        }
        assert.equal(scene.handled.length, types.length);
      }),
  },
  {
    title: 'the content encoding does not matter: the bytes on the wire are verified and never inflated',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET);
        const body = bodyOf(event('task.added'));
        const encoded = { gzip: gzipSync(body), deflate: deflateSync(body), br: brotliCompressSync(body) };
        for (const [encoding, bytes] of Object.entries(encoded)) {
          const headers = { 'Content-Encoding': encoding };
          expectAnswer(await scene.deliver(bytes, { headers }), 200, 'delivery_unreadable');
          const signedPlain = { ...headers, 'X-Hook-Signature': sign(body, SECRET) };
          expectAnswer(await scene.deliver(bytes, { headers: signedPlain }), 401, 'signature_mismatch');
        }
        assert.deepEqual(scene.handled, []);
        for (const encoding of ['gzip', 'identity', 'x-unknown']) {
          const headers = { 'Content-Encoding': encoding };
          const answer = await scene.deliver(bodyOf(event('task.added')), { headers });
          expectAnswer(answer, 200, 'delivery_handled');
        }
      }),
  },
  {
    title: 'a compressed bomb is no larger than its bytes on the wire',
    run: (adapter) =>
      inScene(adapter, { maxBodyBytes: 20_000 }, async (scene) => {
        await scene.hold(SECRET);
        const bomb = gzipSync(Buffer.alloc(10_000_000));
        assert.ok(bomb.length < 20_000);
        const headers = { 'Content-Encoding': 'gzip' };
        expectAnswer(await scene.deliver(bomb, { headers }), 200, 'delivery_unreadable');
      }),
  },
  {
    title: 'entries that are no events are left out, and the events beside them are handled',
    run: (adapter) =>
      inScene(adapter, {}, async (scene) => {
        await scene.hold(SECRET);
        const good = event('task.added', { resource: { gid: '1', resource_type: 'task' } });
        const answer = await scene.deliver(
          bodyOf(null, 'text', 7, [], {}, { ...good, extra: { kept: [1] } }),
        );
        expectAnswer(answer, 200, 'delivery_handled');
        assert.deepEqual(
          scene.handled.map((one) => one.event),
          [{ ...good, extra: { kept: [1] } }],
        );
        assert.deepEqual(scene.eventCodes, [...Array(5).fill('event_malformed'), 'event_handled']);
      }),
  },
  {
    title: 'a body that the host has read before fails at once with 500 and a remedy in the log',
    run: (adapter) =>
      inScene(adapter, { bodyReadBefore: true, answerWithinMs: 60_000 }, async (scene) => {
        await scene.hold(SECRET);
        const body = Buffer.from(bodyOf(event('task.added')));
        expectAnswer(await scene.deliver(body), 500, 'body_consumed');
        expectAnswer(await scene.deliver([body]), 500, 'body_consumed');
        assert.ok(scene.log.some((line) => line.includes('keepRawBody')));
        assert.deepEqual(scene.handled, []);
        // A handshake needs no body, so it does not fail.
        expectAnswer(await scene.shake(SECRET), 200, 'handshake_known');
      }),
  },
];
