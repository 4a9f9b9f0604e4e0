import { expect, describe as group, it } from 'vitest';
import { judgeGoals } from '../src/goals.js';
import { drawRatios } from '../src/plot.js';
import { describe, draw } from '../src/report.js';
import type { Measured, Results } from '../src/results.js';
import { fixed, table } from '../src/table.js';

const ACCEPTING = 'hookshake node, memory inbox';

group('judgeGoals', () => {
  it('takes the bound itself as met and anything beyond it as missed', () => {
    expect(verdictOfP1(resultsWith(95))).toBe(true);
    expect(verdictOfP1(resultsWith(95.1))).toBe(false);
  });

  it('says of what was not measured neither that it was met nor that it was missed', () => {
    const unmeasured = judgeGoals(resultsWith(95)).filter(({ goal }) => goal === 'P5');
    expect(unmeasured.map(({ met }) => met)).toEqual([undefined, undefined]);
  });
});

group('the report', () => {
  it('is the same for the same results, and shows every goal', () => {
    const page = describe(resultsWith(80));
    expect(describe(resultsWith(80))).toBe(page);
    for (const goal of ['P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7', 'P8'])
      expect(page).toContain(`| ${goal} |`);
    expect(page).toContain('| 0.80 | ≤ 0.95 | met |');
  });

  it('says that a goal was missed', () => {
    expect(describe(resultsWith(200))).toContain('| 2.00 | ≤ 0.95 | **missed** |');
  });

  it('draws one row for each receiver', () => {
    const plot = draw(resultsWith(80));
    expect(plot).toContain('>floor</text>');
    expect(plot).toContain(`>${ACCEPTING}</text>`);
    expect(draw(resultsWith(80))).toBe(plot);
  });
});

group('drawRatios', () => {
  it('sets a ratio of 2 as far from 1 as 4 from 2, leaves out what is no number, and escapes text', () => {
    const plot = drawRatios({
      title: 'a < b & c',
      subtitle: '',
      series: ['one'],
      rows: [1, 2, 4, Number.NaN].map((value) => ({ label: String(value), isOurs: false, values: [value] })),
    });
    expect(plot).toContain('a &lt; b &amp; c');
    const dots = [...plot.matchAll(/<circle class="s0" cx="([\d.]+)" cy="(?!56")/g)].map(([, x]) =>
      Number(x),
    );
    const [one = 0, two = 0, four = 0] = dots;
    expect(dots).toHaveLength(3);
    expect(two - one).toBeGreaterThan(0);
    expect(four - two).toBeCloseTo(two - one, 1);
  });
});

group('table', () => {
  it('sets columns of numbers to the right', () => {
    expect(table(['name', 'µs'], [['floor', '1.5']])).toBe('| name | µs |\n| --- | --: |\n| floor | 1.5 |');
  });

  it('shows a dash for what is no number', () => {
    expect(fixed(Number.NaN, 1)).toBe('–');
    expect(fixed(1.25, 1)).toBe('1.3');
  });
});

function verdictOfP1(results: Results): boolean | undefined {
  return judgeGoals(results).find(({ goal }) => goal === 'P1')?.met;
}

/** The floor at 100 µs, and ours at so many. */
function resultsWith(cpuMicros: number): Results {
  return {
    conditions: {
      date: '2026-11-24',
      machine: 'a machine',
      generator: 'wrk',
      isPinned: true,
      isQuick: false,
      roundMs: 600,
      versions: { express: '5.3.0' },
    },
    receivers: [measured('floor', 100), measured(ACCEPTING, cpuMicros)],
    durable: [],
    scales: [{ of: 'hooks', how: 'in memory', points: [{ at: 10, measured: measured('floor', 100) }] }],
    largeBodies: { bytes: 10, sent: 100, refusals: 100, cpuMsEach: 0.3 },
    stalled: { connections: 1_000, goneAfterSeconds: 9, p99MsBefore: [10], p99MsMeanwhile: [11] },
    hooksInMemory: { hooks: 1_000_000, bytesEach: 262, lookUpMicros: 0.5 },
    footprints: [],
  };
}

function measured(name: string, cpuMicros: number): Measured {
  const figures = { cpuMicros, perSecond: 1_000, p50Ms: 1, p99Ms: 2, rssMb: 80 };
  return { name, events: 0, traffic: 'genuine', connections: 64, rounds: [figures, figures, figures] };
}
