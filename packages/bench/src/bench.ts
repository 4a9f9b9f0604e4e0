import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readConditions } from './conditions.js';
import { measureDurable } from './durable.js';
import { measureFootprints } from './footprint.js';
import { judgeGoals } from './goals.js';
import { measureHooksInMemory } from './hooks-in-memory.js';
import { measureLargeBodies } from './large-bodies.js';
import { measureReceivers, sizes } from './receivers.js';
import { describe, draw } from './report.js';
import type { Results } from './results.js';
import { measureScaling } from './scaling.js';
import { measureStalled } from './stalled.js';

const warm = { starts: 2, warmUpMs: 1_280, roundMs: 160, rounds: 3 };
const brief = { ...warm, starts: 1, warmUpMs: 800, rounds: 2 };

/** How much each part measures: in all less than ten minutes on two CPUs, or ninety seconds for a quick run. */
const whole = {
  receivers: { judged: warm, others: brief },
  durable: { starts: 2, warmUpMs: 1_560, roundMs: 260, rounds: 3 },
  scaling: { ...brief, warmUpMs: 480, rounds: 1 },
  largeBodies: 100,
  stalledRounds: 3,
  starts: 1,
};
const glance = { ...brief, warmUpMs: 160 };
const quick = {
  receivers: { judged: glance },
  durable: { ...glance, rounds: 1 },
  scaling: { ...glance, warmUpMs: 0, rounds: 1 },
  largeBodies: 10,
  stalledRounds: 1,
  starts: 1,
};

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    /** Writes the report anew from the results of the last whole run. */
    'report-only': { type: 'boolean', default: false },
  },
});
const folder = new URL('../../../docs/performance/', import.meta.url);
const file = (name: string) => fileURLToPath(new URL(name, folder));

if (values['report-only']) {
  await writeReport(JSON.parse(await readFile(file('results.json'), 'utf8')));
} else {
  const results = await measureAll(values.quick);
  // A quick run is for looking at; what the page claims comes from a whole one.
  if (values.quick) {
    console.log(describe(results));
  } else {
    await mkdir(folder, { recursive: true });
    await writeFile(file('results.json'), `${JSON.stringify(results, null, 1)}\n`);
    await writeReport(results);
    if (judgeGoals(results).some(({ met }) => met === false)) process.exitCode = 1;
  }
}

async function measureAll(isQuick: boolean): Promise<Results> {
  const parts = isQuick ? quick : whole;
  return {
    conditions: await readConditions(isQuick, parts.receivers.judged),
    // First, since it starts everything once: what does not start shows at once.
    footprints: await part('footprints', () => measureFootprints(parts.starts)),
    receivers: await part('receivers', () => measureReceivers(parts.receivers, isQuick ? [10] : sizes)),
    durable: await part('durable', () => measureDurable(parts.durable)),
    scales: await part('scaling', () => measureScaling(parts.scaling, isQuick)),
    largeBodies: await part('large bodies', () => measureLargeBodies(parts.largeBodies)),
    stalled: await part('stalled', () => measureStalled(parts.stalledRounds)),
    hooksInMemory: await part('hooks in memory', measureHooksInMemory),
  };
}

async function part<T>(name: string, measure: () => Promise<T>): Promise<T> {
  const since = performance.now();
  const result = await measure();
  console.error(`${name}: ${((performance.now() - since) / 1000).toFixed(1)} s`);
  return result;
}

async function writeReport(results: Results): Promise<void> {
  const page = describe(results);
  await writeFile(file('report.md'), page);
  await writeFile(file('cpu.svg'), draw(results));
  console.log(page);
}
