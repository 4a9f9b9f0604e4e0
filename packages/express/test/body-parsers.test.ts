import { gzipSync } from 'node:zlib';
import { createReceiver, memorySecrets, type Receiver, sign } from '@hookshake/core';
import { hookshake, keepRawBody } from '@hookshake/express';
import { delivery, event, requestBytes, sendRaw, serveListener } from '@hookshake/testing';
import type { Express, RequestHandler } from 'express';
import request from 'supertest';
import { describe, expect, test } from 'vitest';
import { versions } from './express-adapter.js';

const secret = '5f0c4e2a9b7d41e8a3c6f1d2e0b98765';

interface Scene {
  readonly receiver: Receiver;
  readonly asana: RequestHandler;
  readonly log: readonly string[];
  readonly handled: readonly string[];
}

async function setUp(options: { maxBodyBytes?: number } = {}): Promise<Scene> {
  const log: string[] = [];
  const handled: string[] = [];
  const write = (_details: object, message: string) => void log.push(message);
  const secrets = memorySecrets();
  await secrets.accept('default', secret, 'always');
  // Were it to wait for a stream that has ended, this would be far beyond the time a test may take.
  const receiver = createReceiver({
    ...options,
    secrets,
    answerWithinMs: 60_000,
    logger: { warn: write, error: write },
  });
  receiver.on('*', ({ action }) => void handled.push(action));
  return { receiver, asana: hookshake(receiver), log, handled };
}

function deliver(app: Express, target = '/asana', type = 'application/json') {
  const { headers, payload } = delivery([event('task.added')], { secret, headers: { 'content-type': type } });
  return request(app).post(target).set(headers).send(payload.toString());
}

describe.each(versions)('%s', (_name, express) => {
  const parsers: Readonly<
    Record<string, { type: string; parser: (options?: { verify?: typeof keepRawBody }) => RequestHandler }>
  > = {
    json: { type: 'application/json', parser: express.json },
    text: { type: 'text/plain', parser: express.text },
    raw: { type: 'application/octet-stream', parser: express.raw },
    urlencoded: {
      type: 'application/x-www-form-urlencoded',
      parser: (options) => express.urlencoded({ extended: false, ...options }),
    },
  };

  for (const [name, { type, parser }] of Object.entries(parsers)) {
    test(`express.${name}() before us fails at once, with a remedy in the log`, async () => {
      const { asana, log, handled } = await setUp();
      const app = express().use(parser()).use('/asana', asana);
      for (let time = 0; time < 2; time++) {
        const { status, text } = await deliver(app, '/asana', type);
        expect([status, text.split(':')[0]]).toEqual([500, 'body_consumed']);
      }
      expect(handled).toEqual([]);
      expect(log.filter((line) => line.includes('express.json({ verify: keepRawBody })'))).toHaveLength(1);
    });

    test(`express.${name}({ verify: keepRawBody }) before us keeps the bytes that were signed`, async () => {
      const { asana, handled } = await setUp();
      const app = express()
        .use(parser({ verify: keepRawBody }))
        .use('/asana', asana);
      await deliver(app, '/asana', type).expect(200);
      expect(handled).toEqual(['added']);
    });

    test(`express.${name}() after us, and on other routes before us, sees its own bodies`, async () => {
      const { asana, handled } = await setUp();
      const app = express();
      const echo: RequestHandler = ({ body }, response) =>
        void response.json({ parsed: Buffer.isBuffer(body) ? body.toString() : body });
      app.post('/before', parser(), echo);
      app.use('/asana', asana);
      app.use(parser());
      app.post('/after', echo);
      await deliver(app, '/asana', type).expect(200);
      for (const target of ['/before', '/after']) {
        const { body } = await deliver(app, target, type).expect(200);
        expect(JSON.stringify(body)).toContain('added');
      }
      expect(handled).toEqual(['added']);
    });
  }

  test('a parser that leaves our content type alone changes nothing', async () => {
    const { asana, handled } = await setUp();
    const app = express()
      .use(express.text(), express.urlencoded({ extended: true }))
      .use('/asana', asana);
    await deliver(app).expect(200);
    expect(handled).toEqual(['added']);
  });

  test('a handshake needs no body, so a parser before us does not stop it', async () => {
    const { asana } = await setUp();
    const app = express().use(express.json()).use('/asana', asana);
    await request(app).post('/asana').set('x-hook-secret', secret).send({}).expect(200);
    await request(app).post('/asana').set('x-hook-secret', secret).expect('x-hook-secret', secret);
  });

  test('the kept bytes are those on the wire, whatever the parser makes of them', async () => {
    const { asana, handled } = await setUp();
    const app = express()
      .use(express.json({ verify: keepRawBody }))
      .use('/asana', asana);
    const body = '{ "events": [ {"action":"added","n":1.0,"text":"\\u00e9\\/é"} ] }\n';
    const { headers } = delivery(body, { secret });
    await request(app).post('/asana').set(headers).send(body).expect(200);
    await request(app).post('/asana').set(headers).send(body.replace('1.0', '1.1')).expect(401);
    expect(handled).toEqual(['added']);
  });

  test('bytes that a parser kept are held to the limit too', async () => {
    const { asana } = await setUp({ maxBodyBytes: 100 });
    const app = express()
      .use(express.json({ verify: keepRawBody }))
      .use('/asana', asana);
    const server = await serveListener(app);
    const body = '{"events":[]}'.padEnd(101);
    // In chunks, since a length that is announced is refused without a look at the bytes.
    const headers = { 'X-Hook-Signature': sign(body, secret), 'Content-Type': 'application/json' };
    const answer = await sendRaw(server.port, requestBytes({ path: '/asana', headers, body: [body] }));
    expect(answer.status).toBe(413);
    await server.close();
  });

  test('a kept body that the parser has inflated is not what was signed, so it fails at once', async () => {
    const { asana, log, handled } = await setUp();
    const app = express()
      .use(express.json({ verify: keepRawBody }))
      .use('/asana', asana);
    const server = await serveListener(app);
    const plain = JSON.stringify({ events: [event('task.added')] });
    for (const signed of [plain, gzipSync(plain)]) {
      const headers = {
        'X-Hook-Signature': sign(signed, secret),
        'Content-Type': 'application/json',
        'Content-Encoding': 'gzip',
      };
      const answer = await sendRaw(
        server.port,
        requestBytes({ path: '/asana', headers, body: gzipSync(plain) }),
      );
      expect([answer.status, answer.body.toString().split(':')[0]]).toEqual([500, 'body_consumed']);
    }
    await server.close();
    expect(handled).toEqual([]);
    expect(log.join()).toContain('another middleware read the body');
  });

  test('middleware that drained the body and went on later fails at once as well', async () => {
    const { asana } = await setUp();
    const app = express();
    app.use((asked, _response, next) => {
      asked.resume().once('end', () => setImmediate(next));
    });
    app.use('/asana', asana);
    await deliver(app).expect(500);
  });

  test('middleware that took no more than the first part of the body fails at once too', async () => {
    const { asana, log } = await setUp();
    const app = express();
    app.use((asked, _response, next) => {
      asked.once('data', () => {
        asked.pause();
        next();
      });
    });
    app.use('/asana', asana);
    const { text } = await deliver(app).expect(500);
    expect(text.split(':')[0]).toBe('body_consumed');
    expect(log.join()).toContain('another middleware read the body');
  });

  test('what does not come as bytes in rawBody does not count as kept', async () => {
    const { asana } = await setUp();
    const app = express();
    app.use(
      express.json({
        verify: (asked, _response, body) => void Object.assign(asked, { rawBody: body.toString() }),
      }),
    );
    app.use('/asana', asana);
    await deliver(app).expect(500);
  });
});
