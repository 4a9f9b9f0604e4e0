import { HookshakeError } from './hookshake-error.js';

/** Throws `invalid_option` for what is left of the options when all known ones are taken. */
export function assertNoOthers(others: object, of: string): void {
  for (const name of Object.keys(others)) throw invalidOption(name, `is no option of ${of}`);
}

/** Throws `invalid_option` unless the value is a whole number from 1 to `max`. */
export function assertWithin(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= max) return;
  throw invalidOption(name, `must be a whole number from 1 to ${max}, not ${value}`);
}

/** A programmer's mistake, with the name of the option it is about. */
export function invalidOption(name: string, problem: string): HookshakeError {
  return new HookshakeError('invalid_option', `\`${name}\` ${problem}`);
}
