import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RequestFile } from './requests.js';
import { MOUNT } from './schemes.js';
import { pinnedTo } from './server-process.js';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../lua/deliver.lua', import.meta.url));
const pin = pinnedTo(0);

/** What came of one run of load. */
export interface LoadResult {
  /** Requests that were answered. */
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers of status 400 and more. */
  readonly refused: number;
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

/** Sends the requests of a file over keep-alive connections. Throws when a connection fails or the file is too short. */
export async function sendLoad(
  port: number,
  file: RequestFile,
  connections: number,
  runMs: number,
): Promise<LoadResult> {
  const [command = 'wrk', ...before] = [...pin, 'wrk'];
  const url = `http://127.0.0.1:${port}${MOUNT}`;
  // The script ends it; wrk itself knows whole seconds only, and waits for the last of them.
  const options = ['-t1', `-c${connections}`, `-d${Math.ceil(runMs / 1000) + 10}s`, '--timeout', '10s'];
  const records = [file.path, file.recordBytes, file.records, file.repeats ? 1 : 0, runMs].map(String);
  const { stdout } = await run(command, [...before, ...options, '-s', script, url, '--', ...records]);

  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  const result: LoadResult & { socketErrors: number; ranOut: boolean } = JSON.parse(line);
  if (result.ranOut) throw new Error(`${file.records} requests were too few for ${runMs} ms`);
  if (result.requests === 0 || result.socketErrors > 0) {
    throw new Error(`${result.requests} answers, and ${result.socketErrors} connections failed`);
  }
  return result;
}
