// Plain JavaScript in CommonJS, since both the ESM and the CommonJS project run it as it is.
const { once } = require('node:events');
const { createServer } = require('node:http');

const SECRET = '4f2a9c1e8d7b6a503c2d1e0f9a8b7c6d';
const TARGET = '/webhooks/asana/bugs';
const HANDSHAKE = { method: 'POST', headers: { 'x-hook-secret': SECRET } };

/** Completes a handshake through every adapter; the result tells whether each one echoed the secret. */
module.exports.completeHandshakes = async function completeHandshakes(modules) {
  const { createReceiver, memorySecrets } = modules['@hookshake/core'];
  const express = modules['express'].default ?? modules['express'];
  const Fastify = modules['fastify'].default ?? modules['fastify'];

  async function newReceiver() {
    const receiver = createReceiver({ secrets: memorySecrets(), logger: false });
    await receiver.expectHandshake('bugs');
    return receiver;
  }

  async function shakeHands(listener) {
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const response = await fetch(`http://127.0.0.1:${server.address().port}${TARGET}`, HANDSHAKE);
    server.close();
    return response.headers.get('x-hook-secret') === SECRET;
  }

  const { createNodeHandler } = modules['@hookshake/core/node'];
  const node = createNodeHandler(await newReceiver(), { basePath: '/webhooks/asana' });

  const { createFetchHandler } = modules['@hookshake/core/fetch'];
  const fetchHandler = createFetchHandler(await newReceiver(), { basePath: '/webhooks/asana' });
  const fetched = await fetchHandler(new Request(`http://localhost${TARGET}`, HANDSHAKE));

  const expressApp = express();
  expressApp.use('/webhooks/asana', modules['@hookshake/express'].hookshake(await newReceiver()));

  const fastifyApp = Fastify();
  fastifyApp.register(modules['@hookshake/fastify'].hookshake, {
    receiver: await newReceiver(),
    prefix: '/webhooks/asana',
  });
  await fastifyApp.ready();

  return {
    node: await shakeHands(node),
    fetch: fetched.headers.get('x-hook-secret') === SECRET,
    express: await shakeHands(expressApp),
    fastify: await shakeHands((request, response) => fastifyApp.routing(request, response)),
  };
};
