import { createReceiver } from '@hookshake/core';
import { redis } from '@hookshake/redis';

const { REDIS_URL = 'redis://localhost:6379' } = process.env;

const receiver = createReceiver({ ...redis(REDIS_URL) });

receiver.on('task.changed', (event, { hookId }) => {
  console.log(`${hookId}: task ${event.resource.gid} changed: ${event.change?.field}`);
});

await receiver.start({ concurrency: 10 });
console.log('working');

process.once('SIGTERM', () => receiver.close()); // waits for the handlers that run, gives back the rest
