import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { HooksInMemory } from './results.js';

/** What a million hooks take, in a process that holds nothing else. */
export async function measureHooksInMemory(): Promise<HooksInMemory> {
  const program = fileURLToPath(new URL('hooks-in-memory-process.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program]);
  return JSON.parse(stdout);
}
