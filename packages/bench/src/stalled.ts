import { caseNamed, FLOOR, nameOfOurs } from './cases.js';
import { sendLoad } from './load.js';
import { newRequestFiles } from './request-files.js';
import { newRequests } from './requests.js';
import type { HonestP99, Stalled } from './results.js';
import { plainly, startServer } from './server-process.js';
import { stall } from './stall.js';

const STALLED = 1_000;
const ROUND_MS = 900;
const WARM_UP_MS = 900;
/** Few enough that the honest do not wait for each other. */
const CONNECTIONS = 8;

/** What honest senders notice of uploads that fall silent, and how long those live. */
export async function measureStalled(roundCount: number): Promise<Stalled> {
  const atFloor = await beside(FLOOR, roundCount, async ({ honest }) => honest);
  const ours = await beside(nameOfOurs('node'), roundCount, async ({ honest, goneAfterSeconds }) => ({
    honest,
    goneAfterSeconds: await goneAfterSeconds,
  }));
  return { connections: STALLED, ...ours, atFloor };
}

interface Seen {
  readonly honest: HonestP99;
  readonly goneAfterSeconds: Promise<number>;
}

/** Measures the honest before and while uploads are silent; the server goes on until `look` is done. */
async function beside<T>(name: string, roundCount: number, look: (seen: Seen) => Promise<T>): Promise<T> {
  const { scheme } = caseNamed(name);
  const server = await startServer({ ...plainly, name });
  const files = await newRequestFiles(ROUND_MS);
  // Heartbeats, since they may be sent again and again.
  const requests = { scheme, traffic: 'genuine', events: 0, hooks: 1 } as const;
  const load = { connections: CONNECTIONS, again: true };

  const send = async (runMs: number) =>
    await sendLoad(server.port, files.newest(requests), { ...load, runMs });

  async function rounds(): Promise<readonly number[]> {
    const all: number[] = [];
    for (let round = 0; round < roundCount; round++) all.push((await send(ROUND_MS)).p99Ms);
    return all;
  }

  try {
    await send(WARM_UP_MS);
    const beforeMs = await rounds();
    const upload = newRequests({ ...requests, events: 10 }).next().value;
    const { goneAfterSeconds } = await stall(server.port, STALLED, upload.subarray(0, upload.length / 2));
    const meanwhileMs = await rounds();
    return await look({ honest: { beforeMs, meanwhileMs }, goneAfterSeconds });
  } finally {
    await server.stop();
    await files.remove();
  }
}
