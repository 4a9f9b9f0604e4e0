import { nameOfOurs } from './cases.js';
import { closed, openSocket } from './connection.js';
import { requestOf } from './requests.js';
import type { LargeBodies } from './results.js';
import { MOUNT } from './schemes.js';
import { plainly, startServer } from './server-process.js';

const BYTES = 10 * 1024 * 1024;
const WARM_UP = 20;

/** Sends bodies that are too large, one after the other, and looks for the refusal. */
export async function measureLargeBodies(count: number): Promise<LargeBodies> {
  const server = await startServer({ ...plainly, name: nameOfOurs('node') });
  // Nothing but its length is wrong with it before the body is read.
  const head = requestOf(MOUNT, { 'x-hook-signature': '0'.repeat(64) }, Buffer.alloc(0), BYTES);
  const request = Buffer.concat([head, Buffer.alloc(BYTES, ' ')]);
  try {
    for (let sent = 0; sent < WARM_UP; sent++) await isRefused(server.port, request);
    const before = await server.read();
    let refusals = 0;
    for (let sent = 0; sent < count; sent++) if (await isRefused(server.port, request)) refusals++;
    const after = await server.read();
    const cpuMsEach = (after.cpuMicros - before.cpuMicros) / 1000 / count;
    return { bytes: BYTES, sent: count, refusals, cpuMsEach };
  } finally {
    await server.stop();
  }
}

/** Sends without looking at the answer, as a client does that is no browser; then tells whether a 413 came. */
async function isRefused(port: number, request: Buffer): Promise<boolean> {
  const socket = await openSocket(port);
  let received = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    received += text;
  });
  socket.end(request);
  await closed(socket);
  return received.startsWith('HTTP/1.1 413');
}
