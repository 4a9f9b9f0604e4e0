import { nameOfOurs } from './cases.js';
import { closed, openSocket } from './connection.js';
import { requestOf } from './requests.js';
import type { LargeBodies } from './results.js';
import { MOUNT } from './schemes.js';
import { plainly, startServer } from './server-process.js';

const BYTES = 10 * 1024 * 1024;
/** A refused connection lingers for a second or so, and one after the other would take minutes. */
const AT_ONCE = 10;

/** Sends bodies that are too large, a few at once, and looks for the refusal. */
export async function measureLargeBodies(count: number): Promise<LargeBodies> {
  const server = await startServer({ ...plainly, name: nameOfOurs('node') });
  // Nothing but its length is wrong with it before the body is read.
  const head = requestOf(MOUNT, { 'x-hook-signature': '0'.repeat(64) }, Buffer.alloc(0), BYTES);
  const request = Buffer.concat([head, Buffer.alloc(BYTES, ' ')]);
  try {
    await refusalsOf(server.port, request, AT_ONCE);
    const before = await server.read();
    const refusals = await refusalsOf(server.port, request, count);
    const after = await server.read();
    const cpuMsEach = (after.cpuMicros - before.cpuMicros) / 1000 / count;
    return { bytes: BYTES, sent: count, refusals, cpuMsEach };
  } finally {
    await server.stop();
  }
}

async function refusalsOf(port: number, request: Buffer, count: number): Promise<number> {
  let refusals = 0;
  for (let sent = 0; sent < count; sent += AT_ONCE) {
    const group = Math.min(AT_ONCE, count - sent);
    const answers = await Promise.all(Array.from({ length: group }, () => isRefused(port, request)));
    refusals += answers.filter(Boolean).length;
  }
  return refusals;
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
