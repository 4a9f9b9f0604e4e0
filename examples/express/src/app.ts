import { createReceiver } from '@hookshake/core';
import { hookshake } from '@hookshake/express';
import { sqlite } from '@hookshake/sqlite';
import express from 'express';

// In production: on a disk that outlives a deployment. Asana never repeats a secret.
export const receiver = createReceiver({ ...sqlite(process.env['DATABASE'] ?? 'hooks.db') });

const activity: string[] = [];

function note(line: string): void {
  activity.push(line);
  console.log(line);
}

receiver
  .on('task.changed.completed', (event) => {
    note(`task.changed.completed: task ${event.resource.gid} was ticked or unticked`);
  })
  .on('task.changed', (event) => {
    note(`task.changed: task ${event.resource.gid}, field ${event.change?.field}`);
  })
  .on('heartbeat', (_event, { hookId }) => {
    note(`heartbeat: Asana still knows the webhook ${hookId}`);
  });

export const app = express();

app.use('/webhooks/asana', hookshake(receiver)); // before express.json(): the signature covers the bytes as they came

app.use(express.json());
app.get('/activity', (_request, response) => void response.json(activity));
app.post('/notes', (request, response) => {
  note(`note: ${request.body.text}`);
  response.sendStatus(201);
});
