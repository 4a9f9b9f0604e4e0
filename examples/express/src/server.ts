import express from 'express';
import { app, receiver } from './app.js';
import { createWebhook } from './create-webhook.js';

const { PORT = '3000', ADMIN_PORT = '3001' } = process.env;

const server = app.listen(Number(PORT), () => console.log('listening on', server.address()));

// Creates webhooks for whoever is on this machine, and for nobody else:
//   curl -X POST http://127.0.0.1:3001/webhooks/<gid of a task or project>
const admin = express().post('/webhooks/:resource', async (request, response) => {
  response.status(201).json({ target: await createWebhook(receiver, request.params.resource) });
});
const adminServer = admin.listen(Number(ADMIN_PORT), '127.0.0.1', () => {
  console.log('admin on', adminServer.address());
});

process.once('SIGTERM', async () => {
  await receiver.close(); // first, so that Asana still gets an answer: it comes again
  server.close();
  adminServer.close();
});
