import type { BenchCase, Place } from './case.js';
import { caseNamed } from './cases.js';
import { sendLoad } from './load.js';
import { newPlace } from './place.js';
import { newRequestFiles, type RequestFiles } from './request-files.js';
import type { RequestFile, Traffic } from './requests.js';
import type { Figures, Turn } from './results.js';
import { plainly, type Reading, type ServerProcess, startServer } from './server-process.js';

/** What is measured, and under what load. */
export interface Subject {
  readonly name: string;
  readonly events: number;
  readonly traffic?: Traffic;
  readonly connections?: number;
  readonly hooks?: number;
  readonly secretsPerHook?: number;
  readonly handlers?: number;
  /** How many processes share one place, each with its part of the connections. */
  readonly processes?: number;
}

/** How much is measured. */
export interface Extent {
  /** How often everything is started anew: for as long as it lives, a process is as fast as chance made it. */
  readonly starts: number;
  /** For so long, each subject is sent the same load before the first round: code that has run seldom is slow. */
  readonly warmUpMs: number;
  /** Rounds after each start. */
  readonly rounds: number;
  /**
   * wrk looks only each tenth of a second whether it is to end, and begins a little after one: so 60 ms after a full
   * tenth are the least that is wasted. Short rounds, so that what is compared is measured close to each other.
   */
  readonly roundMs: number;
}

const CONNECTIONS = 64;

interface Running {
  readonly subject: Required<Subject>;
  readonly of: BenchCase;
  readonly place: Place;
  readonly servers: readonly ServerProcess[];
  readonly rounds: Figures[];
  /** What it was sent last. */
  sent?: RequestFile;
}

/** Measures the subjects in turn, round by round. What has not done its work is an error, and not a figure. */
export async function measureInTurns(subjects: readonly Subject[], extent: Extent): Promise<Turn> {
  const files = await newRequestFiles(extent.roundMs);
  try {
    const starts: Turn[] = [];
    while (starts.length < extent.starts) starts.push(await measureOneStart(subjects, extent, files));
    const [first = []] = starts;
    return first.map((measured, index) => ({
      ...measured,
      rounds: starts.flatMap((turn) => turn[index]?.rounds ?? []),
    }));
  } finally {
    await files.remove();
  }
}

async function measureOneStart(
  subjects: readonly Subject[],
  { warmUpMs, roundMs, rounds }: Extent,
  files: RequestFiles,
): Promise<Turn> {
  const running = await Promise.all(subjects.map(start));
  try {
    for (const one of running) await warmUp(one, files, warmUpMs, roundMs);
    for (let round = 0; round < rounds; round++) {
      // There and back, so that a machine that becomes slower or faster favours nobody.
      const inOrder = round % 2 === 0 ? running : running.toReversed();
      for (const one of inOrder) one.rounds.push(await measure(one, files, roundMs));
    }
    return running.map(({ subject: { name, events, traffic, connections }, rounds }) => ({
      name,
      events,
      traffic,
      connections,
      rounds,
    }));
  } finally {
    await Promise.all(running.map(stop));
  }
}

async function start(given: Subject): Promise<Running> {
  const subject = {
    ...plainly,
    traffic: 'genuine',
    connections: CONNECTIONS,
    processes: 1,
    ...given,
  } as const;
  const { name, hooks, secretsPerHook, handlers } = subject;
  const of = caseNamed(name);
  const place = await newPlace(of);
  const servers: ServerProcess[] = [];
  for (let process = 0; process < subject.processes; process++) {
    servers.push(await startServer({ name, place: place.address, hooks, secretsPerHook, handlers }));
  }
  return { subject, of, place, servers, rounds: [] };
}

async function stop({ servers, place }: Running): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
  await place.remove();
}

/**
 * One long run, which takes less time than many short ones, and then a short one: the first after a long run is slow,
 * however long that was. Deliveries that must be new each time are made for one round at a time.
 */
async function warmUp(one: Running, files: RequestFiles, forMs: number, roundMs: number): Promise<void> {
  const longMs = takesRepeated(one) ? Math.max(0, forMs - roundMs) : 0;
  if (longMs > 0) await measure(one, files, longMs);
  for (let sentMs = longMs; sentMs < forMs; sentMs += roundMs) await measure(one, files, roundMs);
}

/** Heartbeats are all alike, and what is refused is not remembered. */
function takesRepeated({ of, subject }: Running): boolean {
  return !of.skipsRepeated || subject.events === 0 || subject.traffic !== 'genuine';
}

async function measure(one: Running, files: RequestFiles, runMs: number): Promise<Figures> {
  const { subject, of, servers } = one;
  const again = takesRepeated(one);
  const file = files.newest({ ...subject, scheme: of.scheme }, again ? undefined : one.sent);
  one.sent = file;
  const load = { connections: Math.ceil(subject.connections / servers.length), runMs, again };
  const before = await readAll(servers);
  const loads = await Promise.all(servers.map(async ({ port }) => await sendLoad(port, file, load)));
  const after = await readAll(servers);

  const requests = sum(loads.map((load) => load.requests));
  assertAnswered(subject, requests, sum(loads.map(({ refused }) => refused)));
  // Those who share a place see all that is kept there.
  const work = of.keeps ? (after[0]?.work ?? 0) - (before[0]?.work ?? 0) : difference(before, after, 'work');
  assertWorked(subject, of.keeps, requests, work);
  return {
    cpuMicros: difference(before, after, 'cpuMicros') / requests,
    perSecond: sum(loads.map((load) => load.requests / load.seconds)),
    p50Ms: Math.max(...loads.map((load) => load.p50Ms)),
    p99Ms: Math.max(...loads.map((load) => load.p99Ms)),
    rssMb: sum(after.map(({ rss }) => rss)) / 1024 / 1024,
  };
}

async function readAll(servers: readonly ServerProcess[]): Promise<readonly Reading[]> {
  return await Promise.all(servers.map((server) => server.read()));
}

function difference(before: readonly Reading[], after: readonly Reading[], of: 'cpuMicros' | 'work'): number {
  return sum(after.map((reading) => reading[of])) - sum(before.map((reading) => reading[of]));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** @throws Error unless all genuine deliveries were taken, and all others refused. */
export function assertAnswered({ name, traffic }: Sent, requests: number, refused: number): void {
  if (requests > 0 && refused === (traffic === 'genuine' ? 0 : requests)) return;
  throw new Error(`${name}: of ${requests} ${traffic} deliveries ${refused} were refused`);
}

/**
 * @param keeps - Whether deliveries are kept, and not their events handled.
 * @throws Error unless exactly what was answered was worked.
 */
export function assertWorked(
  { name, traffic, events }: Sent,
  keeps: boolean,
  requests: number,
  work: number,
): void {
  const each = traffic === 'genuine' ? (keeps ? 1 : events) : 0;
  if (work === requests * each) return;
  throw new Error(`${name}: ${requests} ${traffic} deliveries of ${events} events, and ${work} were worked`);
}

type Sent = Pick<Required<Subject>, 'name' | 'traffic' | 'events'>;
