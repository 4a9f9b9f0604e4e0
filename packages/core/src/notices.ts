import { isPromiseLike } from './from-store.js';
import type { Logger } from './logger.js';

const HOUR_MS = 3_600_000;
const MAX_SUBJECTS_PER_CODE = 20;

/**
 * Tells the operator about a cause once: one line for each code and subject an hour, and at most 20 subjects of a code,
 * so that a stranger cannot fill the log.
 */
export type Notice = (level: 'warn' | 'error', code: string, subject: string, message: string) => void;

export function createNotice(logger: Logger, now: () => number): Notice {
  const told = new Map<string, Set<string>>();
  let forgetAt = now() + HOUR_MS;

  return function notice(level, code, subject, message) {
    if (now() >= forgetAt) {
      told.clear();
      forgetAt = now() + HOUR_MS;
    }
    const subjects = told.get(code) ?? new Set();
    told.set(code, subjects);
    if (subjects.has(subject) || subjects.size >= MAX_SUBJECTS_PER_CODE) return;
    subjects.add(subject);
    try {
      const result: unknown = logger[level]({ code, subject }, `${message} (${code}, see docs/errors.md)`);
      if (isPromiseLike(result)) result.then(undefined, () => {});
    } catch {
      // A logger that throws or rejects must not change an answer.
    }
  };
}
