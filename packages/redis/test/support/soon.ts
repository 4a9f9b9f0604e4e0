import { vi } from 'vitest';

/** Waits until a check passes, on a busy machine too. */
export function soon<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 5_000 });
}
