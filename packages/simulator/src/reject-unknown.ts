import { SimulatorError } from './simulator-error.js';

/** A misspelt option must not be ignored in silence: the test that used it would prove nothing. */
export function rejectUnknown(what: string, given: object, known: readonly string[]): void {
  const stray = Object.keys(given).find((name) => !known.includes(name));
  if (stray === undefined) return;
  throw new SimulatorError(
    'unknown_option',
    `${what} has no '${stray}'. Remove it, or take one of: ${known.join(', ')}.`,
  );
}
