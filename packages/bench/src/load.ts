import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MOUNT } from './contenders.js';
import type { DeliveryFile } from './deliveries.js';

export const CONNECTIONS = 64;

const run = promisify(execFile);
const script = fileURLToPath(new URL('../lua/deliver.lua', import.meta.url));

/** What came of one run of load. */
export interface LoadResult {
  /** Requests that were answered. */
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** How many records were taken from the file: those answered, and the ones in flight at the end. */
  readonly sent: number;
}

/** The version line of wrk. Throws with an install hint when it is not on the PATH. */
export function findGenerator(): string {
  const { stdout, error } = spawnSync('wrk', ['-v'], { encoding: 'utf8' });
  if (error !== undefined) {
    throw new Error(
      'The load is made by wrk, which is not on the PATH: apt-get install wrk, or brew install wrk',
    );
  }
  return /wrk [^\s[]+/.exec(stdout)?.[0] ?? 'wrk';
}

/** Sends deliveries over keep-alive connections, beginning with record `first`. Throws unless all answers were 2xx. */
export async function deliver(
  port: number,
  file: DeliveryFile,
  first: number,
  seconds: number,
  pin: readonly string[],
): Promise<LoadResult> {
  const [command = 'wrk', ...before] = [...pin, 'wrk'];
  const url = `http://127.0.0.1:${port}${MOUNT}`;
  const records = [file.path, file.recordBytes, file.records, first].map(String);
  const options = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--timeout', '10s', '-s', script];
  const { stdout } = await run(command, [...before, ...options, url, '--', ...records]);

  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  const result: LoadResult & { refused: number; socketErrors: number; ranOut: boolean } = JSON.parse(line);
  const { requests, refused, socketErrors, ranOut } = result;
  if (ranOut) throw new Error(`${file.records} deliveries were too few for ${seconds} s`);
  if (requests === 0 || refused > 0 || socketErrors > 0) {
    throw new Error(`Of ${requests} answers ${refused} were not 2xx, and ${socketErrors} connections failed`);
  }
  return result;
}
