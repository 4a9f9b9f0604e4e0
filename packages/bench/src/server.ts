import type { AddressInfo } from 'node:net';
import { contenders } from './contenders.js';
import type { Reading } from './server-process.js';

/** The process that one contender runs in. It tells its port, then its figures whenever it is asked. */
const name = process.argv[2] ?? '';
const start = Object.entries(contenders).find(([contender]) => contender === name)?.[1];
if (start === undefined) throw new Error(`There is no contender ${name}`);

let events = 0;
const server = await start({
  onEvents: (count) => {
    events += count;
  },
});

process.on('message', () => {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  const reading: Reading = { cpuMicros: user + system, rss, heapUsed, external, events };
  process.send?.(reading);
});
process.on('disconnect', () => process.exit());
process.send?.({ port: (server.address() as AddressInfo).port });
