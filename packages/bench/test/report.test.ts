import { readFile } from 'node:fs/promises';
import { expect, describe as group, it } from 'vitest';
import { judgeGoals } from '../src/goals.js';
import { drawRatios } from '../src/plot.js';
import { describe, draw } from '../src/report.js';
import type { Results } from '../src/results.js';
import { fixed, table } from '../src/table.js';
import { madeMeasured, madeResults } from './made-results.js';

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

  it('compares within the turn that holds both, round by round', () => {
    const slower = [madeMeasured('floor', 200), madeMeasured('express by hand', 100)];
    const [verdict] = judgeGoals(madeResults([slower, ...resultsWith(90).receivers]));
    expect(verdict?.rounds).toEqual([0.9, 0.9, 0.9]);
    expect(verdict?.measured).toBe(0.9);
  });
});

group('the committed report', () => {
  it('is what is made of the committed results', async () => {
    const results: Results = JSON.parse(await readCommitted('results.json'));
    expect(describe(results)).toBe(await readCommitted('report.md'));
    expect(draw(results)).toBe(await readCommitted('cpu.svg'));
  });
});

group('the report', () => {
  it('shows every goal, with its quartiles and rounds', () => {
    const page = describe(resultsWith(80));
    for (const goal of ['P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7', 'P8'])
      expect(page).toContain(`| ${goal} |`);
    expect(page).toContain('| 0.80 | 0.80 to 0.80 | 3 | ≤ 0.95 | met |');
  });

  it('says that a goal was missed', () => {
    expect(describe(resultsWith(200))).toContain('| 2.00 | 2.00 to 2.00 | 3 | ≤ 0.95 | **missed** |');
  });

  it('shows a receiver once, however many turns it took part in', () => {
    const [turn = []] = resultsWith(80).receivers;
    const results = madeResults([turn, turn]);
    expect(describe(results).match(/^\| heartbeat \| floor \|/gm)).toHaveLength(1);
    expect(draw(results).match(/>floor<\/text>/g)).toHaveLength(1);
    expect(draw(results)).toContain(`>${ACCEPTING}</text>`);
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
  return madeResults([[madeMeasured('floor', 100), madeMeasured(ACCEPTING, cpuMicros)]]);
}

async function readCommitted(name: string): Promise<string> {
  return await readFile(new URL(`../../../docs/performance/${name}`, import.meta.url), 'utf8');
}
