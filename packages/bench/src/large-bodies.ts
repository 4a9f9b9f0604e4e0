import { nameOfOurs, tooLargeByHand } from './cases.js';
import { closed, openSocket } from './connection.js';
import { requestOf } from './requests.js';
import type { LargeBodies } from './results.js';
import { MOUNT } from './schemes.js';
import { plainly, type ServerProcess, startServer } from './server-process.js';

const BYTES = 10 * 1024 * 1024;
/** A refused connection lingers for a second or so, and one after the other would take minutes. */
const AT_ONCE = 50;

/** Sends bodies that are too large, a few at once, and looks for the refusal; as many have been refused before. */
export async function measureLargeBodies(count: number): Promise<LargeBodies> {
  // Nothing but its length is wrong with it before the body is read.
  const head = requestOf(MOUNT, { 'x-hook-signature': '0'.repeat(64) }, Buffer.alloc(0), BYTES);
  const request = Buffer.concat([head, Buffer.alloc(BYTES, ' ')]);

  async function measure(server: ServerProcess): Promise<{ refusals: number; cpuMsEach: number }> {
    const before = await server.read();
    const refusals = await refusalsOf(server.port, request, count);
    const after = await server.read();
    return { refusals, cpuMsEach: (after.cpuMicros - before.cpuMicros) / 1000 / count };
  }

  const ours = await startServer({ ...plainly, name: nameOfOurs('node') });
  const byHand = await startServer({ ...plainly, name: tooLargeByHand.name });
  try {
    await Promise.all([ours, byHand].map(({ port }) => refusalsOf(port, request, count)));
    const measured = await measure(ours);
    const { cpuMsEach: cpuMsByHand } = await measure(byHand);
    return { bytes: BYTES, sent: count, ...measured, cpuMsByHand };
  } finally {
    await Promise.all([ours.stop(), byHand.stop()]);
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
