import { createReceiver, memorySecrets } from '@hookshake/core';

// For first steps only: a restart forgets these secrets, and each instance of a serverless function has its own.
// docs/choosing-a-store.md has stores that last, and that instances share.
export const receiver = createReceiver({ secrets: memorySecrets() });

receiver.on('task.changed', (event, { hookId }) => {
  console.log(`${hookId}: task ${event.resource.gid} changed: ${event.change?.field}`);
});

// Before you POST /webhooks with the target <your host>/webhooks/asana/<hook id>, in code that only you can reach:
//   await receiver.expectHandshake('<hook id>');
