import { HookshakeError, isHookId } from '@hookshake/core';

/** A programmer's mistake, with the name of the option it is about. */
export function invalidOption(name: string, problem: string): HookshakeError {
  return new HookshakeError('invalid_option', `\`${name}\` ${problem}`);
}

/** @throws {@link HookshakeError} `invalid_option` for the first option that the function does not have. */
export function rejectUnknownOptions(unknown: object, functionName: string): void {
  for (const name of Object.keys(unknown)) throw invalidOption(name, `is no option of ${functionName}()`);
}

/** @throws {@link HookshakeError} `invalid_option` unless the value is a gid: text, as in Asana's answers. */
export function assertGid(name: string, value: unknown): void {
  // It becomes a part of a path, where `..` would lead elsewhere.
  if (typeof value !== 'string' || !/^[\w-]+$/.test(value))
    throw invalidOption(name, 'must be a gid, as text');
}

/** @throws {@link HookshakeError} `invalid_option` unless the value can name a hook. */
export function assertHookId(hookId: string): void {
  if (!isHookId(hookId)) throw invalidOption('hookId', `cannot be ${JSON.stringify(hookId)}`);
}
