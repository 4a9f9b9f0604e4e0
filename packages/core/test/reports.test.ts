import { describe, expect, it } from 'vitest';
import { WORKER_DIED } from '../src/index.js';
import { createObservers } from '../src/observers.js';
import { createReports } from '../src/reports.js';

const TRY = { delivery: { hookId: 'bugs', id: 'd1' }, name: 'task.changed', attempt: 8, startedAt: 0 };

/** What the terminal says of an event that was given up. */
function lineFor(error: unknown, { hasInbox }: { hasInbox: boolean }): string {
  const lines: string[] = [];
  const reports = createReports(
    (_level, _code, _subject, message) => void lines.push(message),
    createObservers(() => {}),
    hasInbox,
  );
  reports.event('event_given_up', TRY, error);
  expect(lines).toHaveLength(1);
  return lines[0] ?? '';
}

describe('an event that was given up', () => {
  it('names what its handler threw', () => {
    const error = new TypeError('a secret detail');
    expect(lineFor(error, { hasInbox: true })).toMatch(/failed 8 times.*its handler threw TypeError at/);
    expect(lineFor(error, { hasInbox: false })).toMatch(/12 hours.*its handler threw TypeError at/);
  });

  it('blames no handler when its workers died', () => {
    const line = lineFor(undefined, { hasInbox: true });
    expect(line).toContain(WORKER_DIED);
    expect(line).not.toMatch(/handler threw|failed 8 times/);
  });

  it('blames no handler when it was never tried', () => {
    const line = lineFor(undefined, { hasInbox: false });
    expect(line).toContain('others left it no time');
    expect(line).not.toContain('its handler');
  });
});
