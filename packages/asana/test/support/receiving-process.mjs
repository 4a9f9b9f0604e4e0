// A process of its own that receives webhooks, and serves its secret store to other processes. It runs what is published.
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { createReceiver, memorySecrets } from '@hookshake/core';
import { createNodeHandler } from '@hookshake/core/node';

const secrets = memorySecrets();
const receiver = createReceiver({ secrets, logger: false });
receiver.on('*', (event, { hookId }) => process.send({ handled: { hookId, gid: event.resource.gid } }));

const webhooks = await listen(createNodeHandler(receiver));
const store = await listen(async (request, response) => {
  const { operation, args } = JSON.parse(await text(request));
  response.end(JSON.stringify({ result: await secrets[operation](...args) }));
});
process.send({ webhooks, store });

async function listen(handle) {
  const server = createServer(handle);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${server.address().port}`;
}
