import { isPromiseLike } from './from-store.js';
import { consoleLogger, type Logger } from './logger.js';

const HOUR_MS = 3_600_000;
const MAX_SUBJECTS_PER_CODE = 20;

/**
 * Tells the operator about a cause once: one line for each code and subject an hour, and at most 20 subjects of a code,
 * so that a stranger cannot fill the log. Never throws, whatever the logger does.
 *
 * @param code - Stable, and written out at the call; the line ends with it and a pointer to its row in docs/errors.md.
 * @param subject - Which one it is about, such as a hook id; may be empty.
 * @param message - What happened and what to do, in one line without a full stop. Never a secret, a digest, a payload or
 * the message of somebody else's error.
 */
export type Notice = (level: 'warn' | 'error', code: string, subject: string, message: string) => void;

/**
 * Makes a {@link Notice}, for backends that have something to tell of their server, in the way in which a receiver tells
 * of its requests.
 *
 * @param logger - Where the lines go, or `false` for silence. @defaultValue the console
 * @param now - The time in milliseconds; to be moved by tests. @defaultValue `Date.now`
 * @example
 * ```ts
 * const notice = createNotice(options.logger);
 * notice('warn', 'redis_evicts', '', 'this Redis may delete secrets. Set  maxmemory-policy noeviction');
 * ```
 */
export function createNotice(logger: Logger | false = consoleLogger, now: () => number = Date.now): Notice {
  if (logger === false) return () => {};
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
