import { caseNamed } from './cases.js';
import { judgeGoals, type Verdict } from './goals.js';
import { cpuRatio, medianOf, sizeName } from './measured.js';
import { drawRatios } from './plot.js';
import type { Measured, Results, Scale } from './results.js';
import { median } from './statistics.js';
import { fixed, table } from './table.js';

/** The page `docs/performance/report.md`. The same results give the same page. */
export function describe(results: Results): string {
  const { conditions, receivers, durable, scales, footprints } = results;
  return `# What a delivery costs

Written by \`npm run bench\` (packages/bench) from results.json; do not edit by hand.
${conditions.isQuick ? '\n**A quick run: for looking at, and no evidence.**\n' : ''}
${describeConditions(results)}

CPU is the processor time of all threads of the server process, garbage collection included, over the requests it
answered: the steady figure. Requests per second and latencies are those of a server that is kept busy, and move with the
machine. Only ratios within one run mean anything: each compares two receivers within one round, and the median of the
rounds is shown. What did not answer as it should, or did not do the work of what it answered, is no figure but an error.

![CPU per delivery of every receiver, as a ratio to the floor](cpu.svg)

## Goals

${goalTable(judgeGoals(results))}

## Receivers

${receiverTable(receivers)}

- **floor**: the least that can be written by hand on \`node:http\`: chunks collected, HMAC with a cached key, compared in
  constant time, JSON parsed, 204. **by hand**: the same in a route of the framework, with the body as a buffer. They keep
  no deadline, bound no memory, know one hook, skip no repeated events and call no handlers.
- **hookshake** without an inbox parses and handles every event before its answer. With an inbox it is measured up to the
  answer; nobody works the inbox meanwhile. Its deliveries are all new; the others are sent ${256} in turn.
- **peers** verify the signatures of their own service over the same bodies, and parse them. Bolt is measured up to where
  its app would begin, Asana's sample without its printing.
- **malformed** and **forged** deliveries are answered 401 by hookshake on node; the ratio is to a genuine one at the floor.

## Durable before the answer

${durableTable(durable)}

"one transaction per delivery" verifies by hand and inserts the body, with WAL and \`synchronous=FULL\`, as hookshake does.

## What it grows with

${scales.map(describeScale).join('\n\n')}

## What it takes to have it

${footprintTable(footprints)}

"ready" is the import of all that is needed until the server listens, "first answer" that to the first delivery of a new
process. "packed" are the tarballs of what one installs, "bundled" all that it exports with its dependencies, minified and
gzipped (what is native is not bundled), "installed" all files and packages that are on the disk then.
`;
}

/** The plot `docs/performance/cpu.svg`. */
export function draw({ receivers, conditions }: Results): string {
  const genuine = receivers.filter(({ traffic }) => traffic === 'genuine');
  const names = [...new Set(genuine.map(({ name }) => name))];
  const sizes = [...new Set(genuine.map(({ events }) => events))];
  return drawRatios({
    title: 'CPU per delivery, as a ratio to the best that is written by hand on node:http',
    subtitle: `${conditions.date}, ${conditions.machine}; less is better`,
    series: sizes.map(sizeName),
    rows: names.map((name) => ({
      label: name,
      isOurs: caseNamed(name).kind === 'hookshake',
      values: sizes.map((events) => cpuRatio(genuine, name, 'floor', { events })),
    })),
  });
}

function describeConditions({ conditions, receivers }: Results): string {
  const { date, machine, generator, isPinned, roundMs, versions } = conditions;
  const pinned = isPinned ? 'server and load pinned to one CPU each' : 'nothing pinned to a CPU';
  const rounds = receivers.map((one) => one.rounds.length);
  const counts = [...new Set([Math.min(...rounds), Math.max(...rounds)])].join(' to ');
  return [
    `- ${date}, ${machine}`,
    `- ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}`,
    `- load by ${generator}, 64 keep-alive connections on one thread unless told otherwise; ${pinned}`,
    `- ${counts} interleaved rounds of ${roundMs} ms, after one that warms up; a process for each receiver and size`,
  ].join('\n');
}

function goalTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ goal, what, where, measured, bound, isUpper, unit, met }) => {
    const digits = unit === 'B' || unit === '%' ? 0 : 2;
    const withUnit = (value: number) => `${fixed(value, digits)}${unit === '' ? '' : ` ${unit}`}`;
    const verdict = met === undefined ? 'not measured' : met ? 'met' : '**missed**';
    return [
      goal,
      what,
      where,
      met === undefined ? '–' : withUnit(measured),
      `${isUpper ? '≤' : '≥'} ${withUnit(bound)}`,
      verdict,
    ];
  });
  const met = verdicts.filter((verdict) => verdict.met === true).length;
  const missed = verdicts.filter((verdict) => verdict.met === false).length;
  const head = ['', 'what', 'where', 'measured', 'goal', ''];
  return `${met} met, ${missed} missed, ${verdicts.length - met - missed} not measured.\n\n${table(head, rows)}`;
}

function receiverTable(receivers: readonly Measured[]): string {
  const rows = receivers.map((one) => [
    sizeName(one.events),
    one.traffic === 'genuine' ? one.name : `${one.name}, ${one.traffic}`,
    fixed(medianOf(one, 'cpuMicros'), 1),
    fixed(cpuRatio(receivers, one.name, 'floor', one), 2),
    ...loadCells(one),
    fixed(medianOf(one, 'rssMb'), 0),
  ]);
  const head = ['delivery', 'receiver', 'CPU µs', '÷ floor', 'requests/s', 'p50 ms', 'p99 ms', 'RSS MB'];
  return table(head, rows);
}

function durableTable(durable: readonly Measured[]): string {
  const rows = durable.map((one) => [
    String(one.connections),
    one.name,
    fixed(medianOf(one, 'cpuMicros'), 1),
    ...loadCells(one),
  ]);
  return table(['connections', 'receiver', 'CPU µs', 'requests/s', 'p50 ms', 'p99 ms'], rows);
}

function describeScale({ of, how, points }: Scale): string {
  const first = points[0]?.measured.rounds.map(({ cpuMicros }) => cpuMicros) ?? [];
  const rows = points.map(({ at, measured }) => [
    String(at),
    fixed(medianOf(measured, 'cpuMicros'), 1),
    fixed(medianOf(measured, 'cpuMicros') / median(first), 2),
    ...loadCells(measured),
  ]);
  const head = [of, 'CPU µs', '÷ first', 'requests/s', 'p50 ms', 'p99 ms'];
  return `**${of}**: ${how}\n\n${table(head, rows)}`;
}

function loadCells(one: Measured): readonly string[] {
  return [
    fixed(medianOf(one, 'perSecond'), 0),
    fixed(medianOf(one, 'p50Ms'), 1),
    fixed(medianOf(one, 'p99Ms'), 1),
  ];
}

function footprintTable(footprints: Results['footprints']): string {
  const rows = footprints.map((one) => [
    one.name,
    fixed(one.readyMs, 0),
    fixed(one.firstAnswerMs, 1),
    fixed(one.packedBytes / 1024, 0),
    fixed(one.bundledBytes / 1024, 1),
    fixed(one.installedBytes / 1024 / 1024, 1),
    String(one.installedPackages),
  ]);
  const head = [
    'receiver',
    'ready ms',
    'first answer ms',
    'packed KB',
    'bundled KB',
    'installed MB',
    'packages',
  ];
  return table(head, rows);
}
