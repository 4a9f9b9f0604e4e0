import { serve } from '@hono/node-server';
import { createReceiver, memorySecrets } from '@hookshake/core';
import { createFetchHandler } from '@hookshake/core/fetch';
import { Hono } from 'hono';

const { PORT = '3000', EXPECT_HANDSHAKE } = process.env;

// For first steps only: a restart forgets these secrets. docs/choosing-a-store.md has those that last.
const receiver = createReceiver({ secrets: memorySecrets() });

receiver.on('task.changed', (event, { hookId }) => {
  console.log(`${hookId}: task ${event.resource.gid} changed: ${event.change?.field}`);
});

const receiveAsanaWebhook = createFetchHandler(receiver, { basePath: '/webhooks/asana' });

const app = new Hono();
app.get('/', (context) => context.text('The rest of the app'));
app.all('/webhooks/asana/*', (context) => receiveAsanaWebhook(context.req.raw));

// EXPECT_HANDSHAKE=<hook id> when you are about to POST /webhooks with the target <your host>/webhooks/asana/<hook id>.
if (EXPECT_HANDSHAKE !== undefined) await receiver.expectHandshake(EXPECT_HANDSHAKE);

const server = serve({ fetch: app.fetch, port: Number(PORT) }, (address) =>
  console.log('listening on', address),
);

process.once('SIGTERM', async () => {
  await receiver.close(); // first, so that Asana still gets an answer: it comes again
  server.close();
});
