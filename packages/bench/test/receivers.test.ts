import { describe, expect, it } from 'vitest';
import { asides, cases } from '../src/cases.js';
import { judgeGoals } from '../src/goals.js';
import { sizes, subjectsAt } from '../src/receivers.js';
import { madeMeasured, madeResults } from './made-results.js';

describe('subjectsAt', () => {
  it.each(sizes)('leaves no receiver out at %i events', (events) => {
    const names = subjectsAt(events, cases).flatMap(({ subjects }) => subjects.map(({ name }) => name));
    expect(new Set(names)).toEqual(new Set([...asides, ...cases].map(({ name }) => name)));
  });

  it('lets take turns whatever a goal compares, with the rounds of what is judged', () => {
    const judged = sizes.flatMap((events) => subjectsAt(events, cases).filter(({ isJudged }) => isJudged));
    const turns = judged.map(({ subjects }) =>
      subjects.map(({ name, ...given }) => madeMeasured(name, 100, given)),
    );
    const unmeasured = judgeGoals(madeResults(turns)).filter(({ met }) => met === undefined);
    // What is durable is measured by itself.
    expect(new Set(unmeasured.map(({ goal }) => goal))).toEqual(new Set(['P4', 'P5']));
  });
});
