import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RequestFile } from './requests.js';
import { MOUNT } from './schemes.js';
import { pinnedTo } from './server-process.js';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../lua/deliver.lua', import.meta.url));
const pin = pinnedTo(0);

/** How requests are sent. */
export interface Load {
  readonly connections: number;
  /** For so long, requests are sent; it ends when all of them are answered. */
  readonly runMs: number;
  /** Whether to begin anew at the end of the file. */
  readonly again: boolean;
}

/** What came of one run of load. */
export interface LoadResult {
  /** Requests that were answered. */
  readonly requests: number;
  /** From the first request until the last answer. */
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

/** Sends the requests of a file over keep-alive connections. Throws unless all are answered, and if the file is too short. */
export async function sendLoad(
  port: number,
  { path, recordBytes, records }: RequestFile,
  { connections, runMs, again }: Load,
): Promise<LoadResult> {
  const [command = 'wrk', ...before] = [...pin, 'wrk'];
  const url = `http://127.0.0.1:${port}${MOUNT}`;
  // The script ends it; wrk itself knows whole seconds only, and waits for the last of them.
  const options = ['-t1', `-c${connections}`, `-d${Math.ceil(runMs / 1000) + 10}s`, '--timeout', '10s'];
  const given = [path, recordBytes, records, again ? 1 : 0, connections, runMs].map(String);
  const { stdout } = await run(command, [...before, ...options, '-s', script, url, '--', ...given]);

  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  const { sent, socketErrors, ranOut, ...result }: LoadResult & Ending = JSON.parse(line);
  if (ranOut) throw new Error(`${records} requests were too few for ${runMs} ms`);
  if (result.requests !== sent || socketErrors > 0) {
    throw new Error(
      `Of ${sent} requests ${result.requests} were answered, and ${socketErrors} connections failed`,
    );
  }
  return result;
}

interface Ending {
  readonly sent: number;
  readonly socketErrors: number;
  readonly ranOut: boolean;
}
