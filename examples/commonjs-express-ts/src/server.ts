import { createReceiver, memorySecrets } from '@hookshake/core';
import { hookshake } from '@hookshake/express';
import express from 'express';

const { PORT = '3000', EXPECT_HANDSHAKE } = process.env;

// For first steps only: a restart forgets these secrets. docs/choosing-a-store.md has those that last.
const receiver = createReceiver({ secrets: memorySecrets() });

receiver.on('task.changed', (event, { hookId }) => {
  console.log(`${hookId}: task ${event.resource.gid} changed: ${event.change?.field}`);
});

const app = express();
app.use('/webhooks/asana', hookshake(receiver)); // before express.json(): the signature covers the bytes as they came
app.use(express.json());
app.get('/', (_request, response) => void response.send('The rest of the app'));

const server = app.listen(Number(PORT), async (error) => {
  if (error) throw error;
  // EXPECT_HANDSHAKE=<hook id> when you are about to POST /webhooks with the target <your host>/webhooks/asana/<hook id>.
  if (EXPECT_HANDSHAKE !== undefined) await receiver.expectHandshake(EXPECT_HANDSHAKE);
  console.log('listening on', server.address());
});

process.once('SIGTERM', async () => {
  await receiver.close(); // first, so that Asana still gets an answer: it comes again
  server.close();
});
