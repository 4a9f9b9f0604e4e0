import { boundTable } from './bound-table.js';
import { asides, caseNamed, cases, FLOOR } from './cases.js';
import { judgeGoals, type Verdict } from './goals.js';
import { medianOf, ratiosOf, sizeName, type Which } from './measured.js';
import { drawRatios } from './plot.js';
import type { Measured, Results, Scale, Turn } from './results.js';
import { median, percentile, ratios } from './statistics.js';
import { fixed, table } from './table.js';

/** The page `docs/performance/report.md`. The same results give the same page. */
export function describe(results: Results): string {
  const { conditions, receivers, durable, scales, footprints } = results;
  return `# What a delivery costs

Written by \`npm run bench\` (packages/bench) from results.json; do not edit by hand. What was tried to make it so is in
[what-paid.md](what-paid.md).
${conditions.isQuick ? '\n**A quick run: for looking at, and no evidence.**\n' : ''}
${describeConditions(results)}

CPU is the processor time of all threads of the server process, garbage collection included, over the requests it
answered: the steady figure. That of PostgreSQL and Redis is not in it: they run beside, pinned to no CPU, and keep their
files where the system keeps temporary ones. Requests per second and latencies are those of a server that is kept busy, and
move with the machine. What did not answer as it should, or did not do the work of what it answered, is no figure but an
error.

Only ratios within one run mean anything. What is compared takes turns, there and back; a ratio is that of two receivers in
one round, and the median of the rounds is shown. Where the quartiles of a goal's rounds lie on both sides of its bound, take
the verdict for a guess.

![CPU per delivery of every receiver, as a ratio to the floor](cpu.svg)

## Goals

${goalTable(judgeGoals(results))}

"quartiles": between them lies half of the rounds. "honest p99" alone compares times that lie apart: rounds while the
uploads hang with the median of those before. P8 asks for exactly one HMAC per delivery as well, which no time tells:
[a test](../../packages/core/test/delivery-cost.test.ts) counts them.

### What the least costs that does the same

${boundTable(results)}

But for "rules kept", these bound no memory, know no hook and look at nothing; "floor in Express" is a listener of
\`node:http\` below a mount, with no body parser. A goal beyond one of them is out of reach of what does more, on this machine.

## Receivers

${receiverTable(receivers)}

- **floor**: the least that can be written by hand on \`node:http\`: chunks collected, HMAC with a cached key, compared in
  constant time, JSON parsed, 204. **by hand**: the same in a route of the framework, with the body as a buffer. They keep
  no deadline, bound no memory, know one hook, skip no repeated events and call no handlers. **node:http alone** reads
  every delivery, answers 204, and does nothing else. **accepted by hand** verifies it in the fastest way that is known here,
  keeps its bytes in an array, parses nothing, and writes all answers of one turn of the event loop together. **rules
  kept**: the same with a look-up of the secrets of the hook that the path names, a deadline for the answer, bounds on what it
  reads, keeps and handles at once, and an id for each delivery. Nothing of it can be exchanged, and it takes only bodies
  that come whole.
- **hookshake** without an inbox parses and handles every event before its answer. With an inbox it is measured up to the
  answer; nobody works the inbox meanwhile. Since it skips events that it has handled, deliveries are new in each round
  where one without an inbox takes its turn, for all that take turns with it; elsewhere, and for what is refused, each
  round sends the same ones again.
- **peers** verify the signatures of their own service over the same bodies, and parse them. Bolt is measured up to where
  its app would begin, Asana's sample without its printing.
- **malformed** and **forged** deliveries are answered 401 by hookshake on node; the ratio is to a genuine one at the floor.

These took turns with each other:

${describeTurns(receivers)}

## Durable before the answer

${durableTable(durable)}

What took turns stands together, each with a floor of its own. "one transaction per delivery" verifies by hand and
inserts the body, with WAL and \`synchronous=FULL\`, as hookshake does.
"SQLite inbox behind a receiver by hand" verifies and answers as that does, and keeps deliveries in our inbox.

## What it grows with

${scales.map(describeScale).join('\n\n')}

## What it takes to have it

${footprintTable(footprints)}

"ready" is the import of all that is needed until the server listens, "first answer" that to the first delivery of a new
process. "packed" are the tarballs of what one installs, "bundled" all that the entries export which the receiver imports
of it, with its dependencies, minified and gzipped (what is native is not bundled), "installed" all files and packages that
are on the disk then.
`;
}

/** The plot `docs/performance/cpu.svg`. */
export function draw({ receivers, conditions }: Results): string {
  const measured = inOrder(receivers);
  const names = [...new Set(measured.map(({ name }) => name))];
  const sizes = [...new Set(measured.map(({ events }) => events))];
  return drawRatios({
    title: 'CPU per delivery, as a ratio to the best that is written by hand on node:http',
    subtitle: `${conditions.date}, ${conditions.machine}; less is better`,
    series: sizes.map(sizeName),
    rows: names.map((name) => ({
      label: name,
      isOurs: caseNamed(name).kind === 'hookshake',
      values: sizes.map((events) => median(cpuToFloor(receivers, { name, events }))),
    })),
  });
}

function describeConditions({ conditions }: Results): string {
  const { date, machine, generator, isPinned, starts, warmUpMs, roundMs, versions } = conditions;
  const pinned = isPinned ? 'server and load pinned to one CPU each' : 'nothing pinned to a CPU';
  return [
    `- ${date}, ${machine}`,
    `- ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}`,
    `- load by ${generator}, 64 keep-alive connections on one thread unless told otherwise; ${pinned}`,
    `- a process of its own for each receiver in each turn, with a young generation of 16 MiB from its start on, since V8 makes it larger or not by chance`,
    `- rounds of ${roundMs} ms or more, all in all as many as the tables tell, after load of the same kind, since code that has run seldom is slow`,
    `- what a goal reads: ${starts} such processes one after the other, twice as many for P2 at 100 events, each after ${warmUpMs} ms of load or more; the rest: less of all that`,
  ].join('\n');
}

function goalTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ goal, what, where, rounds, measured, bound, isUpper, unit, met }) => {
    const digits = unit === 'B' || unit === '%' ? 0 : 2;
    const quartiles = [0.25, 0.75].map((share) => fixed(percentile(rounds, share), digits));
    const withUnit = (value: number) => `${fixed(value, digits)}${unit === '' ? '' : ` ${unit}`}`;
    const verdict = met === undefined ? 'not measured' : met ? 'met' : '**missed**';
    return [
      goal,
      what,
      where,
      met === undefined ? '–' : withUnit(measured),
      ...(rounds.length > 1 ? [quartiles.join(' to '), String(rounds.length)] : ['–', '–']),
      `${isUpper ? '≤' : '≥'} ${withUnit(bound)}`,
      verdict,
    ];
  });
  const met = verdicts.filter((verdict) => verdict.met === true).length;
  const missed = verdicts.filter((verdict) => verdict.met === false).length;
  const head = ['', 'what', 'where', 'measured', 'quartiles', 'rounds', 'goal', ''];
  return `${met} met, ${missed} missed, ${verdicts.length - met - missed} not measured.\n\n${table(head, rows)}`;
}

/** What goals are to be held against: `node:http` without a receiver, a refusal written by hand, a bare map. */
function receiverTable(receivers: readonly Turn[]): string {
  const rows = inOrder(receivers).map((one) => [
    sizeName(one.events),
    labelOf(one),
    fixed(medianOf(one, 'cpuMicros'), 1),
    fixed(median(cpuToFloor(receivers, one)), 2),
    ...loadCells(one),
    fixed(medianOf(one, 'rssMb'), 0),
  ]);
  return table(['delivery', 'receiver', 'CPU µs', '÷ floor', ...loadHead, 'RSS MB'], rows);
}

function describeTurns(receivers: readonly Turn[]): string {
  const turns = new Set(receivers.map((turn) => turn.map(labelOf).join('; ')));
  return [...turns].map((turn) => `- ${turn}`).join('\n');
}

function labelOf({ name, traffic }: Measured): string {
  return traffic === 'genuine' ? name : `${name}, ${traffic}`;
}

/** Each receiver once, however many turns it took part in: size by size, in the order of the cases. */
function inOrder(receivers: readonly Turn[]): readonly Measured[] {
  const kinds = new Map<string, Measured>();
  for (const one of receivers.flat()) {
    const kind = `${labelOf(one)}, ${one.events}`;
    if (!kinds.has(kind)) kinds.set(kind, one);
  }
  const place = ({ name }: Measured) => [...asides, ...cases].indexOf(caseNamed(name));
  return [...kinds.values()].sort((a, b) => a.events - b.events || place(a) - place(b));
}

/** CPU, as a ratio to that of a genuine delivery at the floor. */
function cpuToFloor(receivers: readonly Turn[], subject: Which): readonly number[] {
  return ratiosOf(receivers, 'cpuMicros', subject, { name: FLOOR, events: subject.events });
}

function durableTable(durable: readonly Turn[]): string {
  const rows = durable
    .flat()
    .map((one) => [
      String(one.connections),
      one.name,
      fixed(medianOf(one, 'cpuMicros'), 1),
      ...loadCells(one),
    ]);
  return table(['connections', 'receiver', 'CPU µs', ...loadHead], rows);
}

function describeScale({ of, how, points }: Scale): string {
  const first = points[0]?.measured.rounds.map(({ cpuMicros }) => cpuMicros) ?? [];
  const rows = points.map(({ at, measured }) => [
    String(at),
    fixed(medianOf(measured, 'cpuMicros'), 1),
    fixed(
      median(
        ratios(
          measured.rounds.map(({ cpuMicros }) => cpuMicros),
          first,
        ),
      ),
      2,
    ),
    ...loadCells(measured),
  ]);
  return `**${of}**: ${how}\n\n${table([of, 'CPU µs', '÷ first', ...loadHead], rows)}`;
}

const loadHead = ['requests/s', 'p50 ms', 'p99 ms', 'rounds'];

function loadCells(one: Measured): readonly string[] {
  return [
    fixed(medianOf(one, 'perSecond'), 0),
    fixed(medianOf(one, 'p50Ms'), 1),
    fixed(medianOf(one, 'p99Ms'), 1),
    String(one.rounds.length),
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
