import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Contender, contenders } from './contenders.js';
import { type Size, sizes, writeDeliveries } from './deliveries.js';
import { judgeGoals, type Round } from './goals.js';
import { findGenerator } from './load.js';
import { isPinned, measure } from './measure.js';
import { describe } from './report.js';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
  },
});
const roundCount = values.quick ? 1 : Number(values.rounds);
const times = values.quick ? { warmUpSeconds: 1, seconds: 1 } : { warmUpSeconds: 2, seconds: 3 };
const names = (Object.keys(contenders) as Contender[]).filter((name) => name.includes(values.only));
const isWhole = !values.quick && values.only === '';

const generator = findGenerator();
// In memory where the system has a place for that, so that the load waits for no disk.
const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'hookshake-bench-'));
try {
  const rounds: Round[] = [];
  for (const size of sizes) rounds.push(...(await measureSize(size)));

  const conditions = { date: new Date(), generator, rounds: roundCount, seconds: times.seconds, isPinned };
  const page = describe(rounds, conditions);
  console.log(page);
  // A part of the rounds is for looking at; what the page claims comes from a whole run.
  if (isWhole) await writePage(page);
  if (judgeGoals(rounds).some(({ met }) => !met)) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measureSize(size: Size): Promise<Round[]> {
  const seconds = times.warmUpSeconds + times.seconds;
  const file = await writeDeliveries(join(folder, 'deliveries'), size, seconds);
  const rounds: Round[] = [];
  for (let round = 1; round <= roundCount; round++) {
    for (const contender of names) {
      const figures = await measure(contender, size, file, times);
      rounds.push({ contender, size: size.name, figures });
      const { cpuMicros, perSecond } = figures;
      console.error(
        `${size.name}, round ${round}: ${contender} ${cpuMicros.toFixed(1)} µs, ${perSecond.toFixed(0)}/s`,
      );
    }
  }
  await rm(file.path);
  return rounds;
}

async function writePage(page: string): Promise<void> {
  const path = fileURLToPath(new URL('../../../docs/performance/adapters.md', import.meta.url));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, page);
}
