import { createServer } from 'node:http';
import { createReceiver, memorySecrets } from '@hookshake/core';
import { createNodeHandler } from '@hookshake/core/node';

const { PORT = '3000', EXPECT_HANDSHAKE } = process.env;

// For first steps only: a restart forgets these secrets. docs/choosing-a-store.md has those that last.
const receiver = createReceiver({ secrets: memorySecrets() });

receiver.on('task.changed', (event, { hookId }) => {
  console.log(`${hookId}: task ${event.resource.gid} changed: ${event.change?.field}`);
});

const receiveAsanaWebhook = createNodeHandler(receiver, { basePath: '/webhooks/asana' });

const server = createServer((request, response) => {
  // Whatever lies outside of basePath goes on to the routes that the server had before.
  void receiveAsanaWebhook(request, response, () => {
    if (request.url === '/') return response.end('The rest of the app');
    response.writeHead(404).end('Not found');
  });
});

// EXPECT_HANDSHAKE=<hook id> when you are about to POST /webhooks with the target <your host>/webhooks/asana/<hook id>.
if (EXPECT_HANDSHAKE !== undefined) await receiver.expectHandshake(EXPECT_HANDSHAKE);

server.listen(Number(PORT), () => console.log('listening on', server.address()));

process.once('SIGTERM', async () => {
  await receiver.close(); // first, so that Asana still gets an answer: it comes again
  server.close();
});
