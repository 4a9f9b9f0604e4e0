import { openConnection } from './connection.js';
import { newRequests, requestOf } from './requests.js';
import { asana, MOUNT } from './schemes.js';
import { plainly, type Reading, startServer } from './server-process.js';
import { stall } from './stall.js';
import { percentile } from './statistics.js';

const FORGED = 100_000;
const UNKNOWN_HOOKS = 10_000;
const STALLED = 1_000;
const CONNECTIONS = 32;
const STALLED_GONE_WITHIN_S = 15;
/** What may be left in the heap and outside of it: caches that have a bound, and the engine's own. */
const HELD_MARGIN_MB = 8;
/** The allocator keeps pages, so a process stays larger than what it holds. */
const RSS_MARGIN_MB = 64;
const TIME_LIMIT_S = 115;

const forgedBody = Buffer.from(
  '{"events":[{"action":"deleted","resource":{"gid":"1","resource_type":"task"}}]}',
);
const attacked = ['hookshake node', 'hookshake fastify', 'hookshake express'];

const timeLimit = setTimeout(() => {
  console.error(`The attack took longer than ${TIME_LIMIT_S} s`);
  process.exit(1);
}, TIME_LIMIT_S * 1000);

let failed = 0;
for (const name of attacked) {
  console.log(`\n${name}`);
  for (const { holds, claim } of await attack(name)) {
    console.log(`  ${holds ? 'ok  ' : 'FAIL'} ${claim}`);
    if (!holds) failed++;
  }
}
clearTimeout(timeLimit);
if (failed > 0) process.exitCode = 1;

interface Claim {
  readonly holds: boolean;
  readonly claim: string;
}

async function attack(name: string): Promise<readonly Claim[]> {
  const server = await startServer({ ...plainly, name }, ['--expose-gc']);
  const deliveries = newRequests({ scheme: asana, traffic: 'genuine', events: 10, hooks: 1 });
  // A first flood, so that code is compiled, caches are filled and the engine has the room that such a load takes, before
  // memory is looked at.
  await sendGenuineWhile(server.port, deliveries, flood(server.port, FORGED / 4));
  const before = await server.read();
  tell('before', before);

  const half = deliveries.next().value;
  const { goneAfterSeconds } = await stall(server.port, STALLED, half.subarray(0, half.length / 2));
  const floods = flood(server.port, FORGED / 2).then(async (first) => {
    tell('during', await server.read());
    return first + (await flood(server.port, FORGED / 2));
  });
  const [refused, goneAfterS, genuine] = await Promise.all([
    floods,
    goneAfterSeconds,
    sendGenuineWhile(server.port, deliveries, Promise.all([floods, goneAfterSeconds])),
  ]);
  const after = await server.read();
  tell('after', after);
  await server.stop();

  const heldMb = megabytes(held(after) - held(before));
  const rssMb = megabytes(after.rss - before.rss);
  return [
    { holds: refused === FORGED, claim: `${refused} of ${FORGED} forged deliveries were answered 401` },
    {
      holds: goneAfterS <= STALLED_GONE_WITHIN_S,
      claim: `${STALLED} stalled connections were gone after ${goneAfterS.toFixed(1)} s, at most ${STALLED_GONE_WITHIN_S}`,
    },
    {
      holds: genuine.sent > 0 && genuine.accepted === genuine.sent,
      claim: `${genuine.accepted} of ${genuine.sent} genuine deliveries were answered 200 meanwhile, p99 ${genuine.p99Ms.toFixed(1)} ms`,
    },
    {
      holds: heldMb <= HELD_MARGIN_MB,
      claim: `${heldMb.toFixed(1)} MB more are held, at most ${HELD_MARGIN_MB}`,
    },
    {
      holds: rssMb <= RSS_MARGIN_MB,
      claim: `the process is ${rssMb.toFixed(1)} MB larger, at most ${RSS_MARGIN_MB}`,
    },
  ];
}

/** Sends forged deliveries and tells how many were answered 401. */
async function flood(port: number, count: number): Promise<number> {
  let next = 0;
  let refused = 0;
  async function work(): Promise<void> {
    const connection = await openConnection(port);
    while (next < count) if ((await connection.send(forgedDelivery(next++))) === 401) refused++;
    connection.close();
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  return refused;
}

/** By turns: a wrong signature for a known hook, one for a hook nobody knows, and something that is no signature. */
function forgedDelivery(number: number): Buffer {
  const signature = number.toString(16).padStart(64, '0');
  const path = number % 3 === 1 ? `${MOUNT}/unknown-${number % UNKNOWN_HOOKS}` : MOUNT;
  const given = number % 3 === 2 ? `sha256=${signature}` : signature;
  return requestOf(path, { 'x-hook-signature': given }, forgedBody);
}

interface Genuine {
  readonly sent: number;
  readonly accepted: number;
  readonly p99Ms: number;
}

/** Sends genuine deliveries, one after the other, until the work is done. */
async function sendGenuineWhile(
  port: number,
  deliveries: Generator<Buffer, never>,
  work: Promise<unknown>,
): Promise<Genuine> {
  let working = true;
  const stop = () => {
    working = false;
  };
  work.then(stop, stop);

  const connection = await openConnection(port);
  const latencies: number[] = [];
  let accepted = 0;
  while (working) {
    const since = performance.now();
    if ((await connection.send(deliveries.next().value)) === 200) accepted++;
    latencies.push(performance.now() - since);
  }
  connection.close();
  return { sent: latencies.length, accepted, p99Ms: percentile(latencies, 0.99) };
}

function held({ heapUsed, external }: Reading): number {
  return heapUsed + external;
}

function tell(when: string, reading: Reading): void {
  const { rss, heapUsed, external } = reading;
  const figures = { RSS: rss, heap: heapUsed, external };
  const text = Object.entries(figures).map(([name, bytes]) => `${name} ${megabytes(bytes).toFixed(1)} MB`);
  console.log(`  ${when.padEnd(6)} ${text.join(', ')}`);
}

function megabytes(bytes: number): number {
  return bytes / 1024 / 1024;
}
