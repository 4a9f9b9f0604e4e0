import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchCase, Place } from './case.js';

/** A real disk: the system's folder for temporary files may be in memory, where nothing costs an fsync. */
const disk = fileURLToPath(new URL('../node_modules/.cache', import.meta.url));

/** A place for a case to keep what it keeps. */
export async function newPlace({ prepare }: BenchCase): Promise<Place> {
  if (prepare !== undefined) return await prepare();
  await mkdir(disk, { recursive: true });
  const folder = await mkdtemp(join(disk, 'place-'));
  return { address: folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
