import type { AddressInfo } from 'node:net';
import { createAsanaClient, establish } from '@hookshake/asana';
import express, { type ErrorRequestHandler } from 'express';
import { app, receiver } from './app.js';

const { PORT = '3000', ADMIN_PORT = '3001', PUBLIC_URL, ASANA_API_URL, ASANA_TOKEN = '' } = process.env;

await receiver.start(); // handles what the inbox holds, also from before a restart

const server = app.listen(Number(PORT), (error) => {
  if (error) throw error;
  console.log('listening on', server.address());
});

// For whoever is on this machine, and for nobody else.
const admin = express()
  // Creates a webhook: curl -X POST http://127.0.0.1:3001/webhooks/<gid of a task or project>
  .post('/webhooks/:resource', async (request, response) => {
    const { port } = server.address() as AddressInfo;
    const { webhook, hookId } = await establish({
      client: createAsanaClient({ token: ASANA_TOKEN, apiUrl: ASANA_API_URL }),
      receiver,
      mountUrl: `${PUBLIC_URL ?? `http://localhost:${port}`}/webhooks/asana`,
      resource: request.params.resource,
    });
    response.status(201).json({ webhook: webhook.gid, target: webhook.target, hookId });
  })
  // Lets somebody else create one, by curl for example, within two minutes: …/handshakes/<hook id>
  .post('/handshakes/:hookId', async (request, response) => {
    await receiver.expectHandshake(request.params.hookId);
    response.status(201).json({ expected: request.params.hookId });
  })
  // Answers once all that was received has been handled: for the demonstration and the tests.
  .post('/idle', async (_request, response) => {
    await receiver.idle();
    response.json({});
  })
  .use(((error, _request, response, _next) => {
    response.status(502).json({ error: error.code, message: error.message });
  }) satisfies ErrorRequestHandler);

const adminServer = admin.listen(Number(ADMIN_PORT), '127.0.0.1', (error) => {
  if (error) throw error;
  console.log('admin on', adminServer.address());
});

process.once('SIGTERM', async () => {
  await receiver.close(); // first, so that Asana still gets an answer: it comes again
  server.close();
  adminServer.close();
});
