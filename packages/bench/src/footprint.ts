import type { BenchCase } from './case.js';
import { casesHere } from './cases.js';
import { openConnection } from './connection.js';
import { bundledBytes, installedOf, packedBytes } from './package-size.js';
import { newPlace } from './place.js';
import { newRequests } from './requests.js';
import type { Footprint } from './results.js';
import { plainly, startServer } from './server-process.js';
import { median } from './statistics.js';

/** What it takes to have each case at all: how fast a new process answers, and how much has to be installed. */
export async function measureFootprints(starts: number): Promise<readonly Footprint[]> {
  const cases = await casesHere();
  const begun = cases.map(() => [] as Start[]);
  for (let round = 0; round < starts; round++) {
    for (const [index, one] of cases.entries()) begun[index]?.push(await startAnew(one));
  }
  const sizes = new Map<string, Sizes>();
  const footprints: Footprint[] = [];
  for (const [index, { name, installs, imports }] of cases.entries()) {
    const of = begun[index] ?? [];
    const size = sizes.get(installs.join()) ?? (await measureSizes(installs, imports));
    sizes.set(installs.join(), size);
    footprints.push({
      name,
      readyMs: median(of.map(({ readyMs }) => readyMs)),
      firstAnswerMs: median(of.map(({ firstAnswerMs }) => firstAnswerMs)),
      ...size,
    });
  }
  return footprints;
}

type Sizes = Omit<Footprint, 'name' | keyof Start>;

async function measureSizes(installs: readonly string[], imports: readonly string[]): Promise<Sizes> {
  return {
    packedBytes: await packedBytes(installs),
    bundledBytes: await bundledBytes(imports),
    ...(await installedOf(installs)),
  };
}

interface Start {
  readonly readyMs: number;
  readonly firstAnswerMs: number;
}

async function startAnew(of: BenchCase): Promise<Start> {
  const place = await newPlace(of);
  const server = await startServer({ ...plainly, name: of.name, place: place.address });
  const requests = newRequests({ scheme: of.scheme, traffic: 'genuine', events: 10, hooks: 1 });
  try {
    const connection = await openConnection(server.port);
    const since = performance.now();
    const status = await connection.send(requests.next().value);
    const firstAnswerMs = performance.now() - since;
    connection.close();
    if (status >= 300) throw new Error(`The first answer of ${of.name} was ${status}`);
    return { readyMs: server.readyMs, firstAnswerMs };
  } finally {
    await server.stop();
    await place.remove();
  }
}
