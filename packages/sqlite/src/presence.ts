import { type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { HookshakeError } from '@hookshake/core';

const LOOK_EVERY_MS = 1_000;

/**
 * Makes a check that throws `store_unusable` once the file at the path is another one, or none: a connection goes on with
 * a file that nobody finds again. It looks once a second at most.
 */
export function createPresence(path: string): () => void {
  // As SQLite does, lest the process changes its folder later.
  const file = resolve(path);
  const opened = statSync(file);
  let lookedAt = performance.now();
  let isThere = true;

  return function assertPresent() {
    if (performance.now() - lookedAt >= LOOK_EVERY_MS) {
      lookedAt = performance.now();
      isThere = isSame(opened, statSync(file, { throwIfNoEntry: false }));
    }
    if (isThere) return;
    throw new HookshakeError(
      'store_unusable',
      `'${path}' was removed or replaced while it was in use, so nothing is written any more. Restart this process`,
    );
  };
}

function isSame(opened: Stats, found: Stats | undefined): boolean {
  return found !== undefined && found.ino === opened.ino && found.dev === opened.dev;
}
