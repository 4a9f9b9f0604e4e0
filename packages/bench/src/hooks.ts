import { SECRET } from './schemes.js';

/** The only hook is the mount itself. */
export const ONLY_HOOK = 'default';

/** Far from any divisor of the numbers of hooks, so that the next hook in turn is one far away. */
export const HOOK_STRIDE = 611_953;

/** The id of a hook among up to a million; all are of one length. */
export function hookIdOf(hook: number, hooks: number): string {
  return hooks === 1 ? ONLY_HOOK : `h${String(hook).padStart(6, '0')}`;
}

/** A hook's secrets, oldest first. Deliveries are signed with the oldest. Every hook has other ones. */
export function secretOf(hook: number, number = 0): string {
  const different = hook * 16 + number;
  return different === 0 ? SECRET : different.toString(16).padStart(SECRET.length, 'f');
}
