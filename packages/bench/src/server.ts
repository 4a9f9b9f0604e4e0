import type { AddressInfo } from 'node:net';
import { caseNamed } from './cases.js';
import type { Reading, Ready, StartOptions } from './server-process.js';

/** The process that one case runs in. It tells its port, then its figures whenever it is asked. */
const { name, ...options }: StartOptions = JSON.parse(process.argv[2] ?? '');
const since = performance.now();
let events = 0;
const { server, kept } = await caseNamed(name).start({
  ...options,
  onEvents: (count) => {
    events += count;
  },
});
const readyMs = performance.now() - since;

async function read(): Promise<void> {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  const work = (await kept?.()) ?? events;
  const reading: Reading = { cpuMicros: user + system, rss, heapUsed, external, work };
  process.send?.(reading);
}

process.on('message', () => void read());
process.on('disconnect', () => process.exit());
const ready: Ready = { port: (server.address() as AddressInfo).port, readyMs };
process.send?.(ready);
