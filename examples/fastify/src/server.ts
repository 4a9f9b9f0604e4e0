import { createReceiver, memorySecrets } from '@hookshake/core';
import { hookshake } from '@hookshake/fastify';
import Fastify from 'fastify';

const { PORT = '3000', EXPECT_HANDSHAKE } = process.env;

// For first steps only: a restart forgets these secrets. docs/choosing-a-store.md has those that last.
const receiver = createReceiver({ secrets: memorySecrets() });

receiver.on('task.changed', (event, { hookId }) => {
  console.log(`${hookId}: task ${event.resource.gid} changed: ${event.change?.field}`);
});

const app = Fastify();
app.get('/', () => 'The rest of the app');
app.register(hookshake, { receiver, prefix: '/webhooks/asana' });

// EXPECT_HANDSHAKE=<hook id> when you are about to POST /webhooks with the target <your host>/webhooks/asana/<hook id>.
if (EXPECT_HANDSHAKE !== undefined) await receiver.expectHandshake(EXPECT_HANDSHAKE);

await app.listen({ port: Number(PORT) });
console.log('listening on', app.server.address());

process.once('SIGTERM', async () => {
  await receiver.close(); // first, so that Asana still gets an answer: it comes again
  await app.close();
});
