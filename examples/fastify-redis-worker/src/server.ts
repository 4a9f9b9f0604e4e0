import { createReceiver } from '@hookshake/core';
import { hookshake } from '@hookshake/fastify';
import { redis } from '@hookshake/redis';
import Fastify from 'fastify';

const { PORT = '3000', REDIS_URL = 'redis://localhost:6379', EXPECT_HANDSHAKE } = process.env;

// No handlers and no start(): this process only receives, however long worker.ts takes.
const receiver = createReceiver({ ...redis(REDIS_URL) });

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
