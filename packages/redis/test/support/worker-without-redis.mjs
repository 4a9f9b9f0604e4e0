// A process for leaving.test.ts: it has used Redis when it says so, and ends when it is told that Redis is gone.
import { once } from 'node:events';
import { createReceiver } from '@hookshake/core';
import { redis } from '../../dist/index.js';

const [url, starts] = process.argv.slice(2);
const backend = redis(url, { logger: false });
const receiver = createReceiver({ ...backend, logger: false });
receiver.on('*', () => {});

await backend.inbox.stats();
if (starts === 'before') await receiver.start();
process.send('ready');
await once(process, 'message');
if (starts === 'after') {
  const reason = await receiver.start().then(
    () => 'started',
    ({ message }) => message,
  );
  process.send(reason);
}
process.disconnect();
await receiver.close({ withinMs: 1 });
