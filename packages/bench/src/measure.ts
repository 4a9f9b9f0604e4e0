import type { Contender } from './contenders.js';
import type { DeliveryFile, Size } from './deliveries.js';
import { CONNECTIONS, deliver } from './load.js';
import { pinnedTo, startServer } from './server-process.js';

/** The figures of one contender in one round. */
export interface Figures {
  readonly cpuMicros: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssMb: number;
}

const serverPin = pinnedTo(1);
const loadPin = pinnedTo(0);

export const isPinned: boolean = serverPin.length > 0;

/** How long the load of one measurement lasts. */
export interface Times {
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/** Starts a contender, warms it up, measures it, and proves that what was measured did its work. */
export async function measure(
  contender: Contender,
  size: Size,
  file: DeliveryFile,
  { warmUpSeconds, seconds }: Times,
): Promise<Figures> {
  const server = await startServer(contender, serverPin);
  try {
    const warmUp = await deliver(server.port, file, 0, warmUpSeconds, loadPin);
    const before = await server.read();
    const load = await deliver(server.port, file, warmUp.sent, seconds, loadPin);
    const after = await server.read();

    assertHandled(contender, size, load.requests, after.events - before.events);
    return {
      cpuMicros: (after.cpuMicros - before.cpuMicros) / load.requests,
      perSecond: load.requests / load.seconds,
      p50Ms: load.p50Ms,
      p99Ms: load.p99Ms,
      rssMb: after.rss / 1024 / 1024,
    };
  } finally {
    await server.stop();
  }
}

/**
 * Every answered delivery was handled once. What was in flight when the warm-up and the load ended may have been handled
 * too.
 */
function assertHandled(
  contender: Contender,
  { name, events }: Size,
  answered: number,
  handled: number,
): void {
  const least = answered * events;
  const most = (answered + 2 * CONNECTIONS) * events;
  if (handled >= least && handled <= most) return;
  throw new Error(`${contender}, ${name}: ${answered} answers, but ${handled} events handled`);
}
