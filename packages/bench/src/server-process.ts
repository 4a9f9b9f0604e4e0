import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CaseContext } from './case.js';

/** Which case to run, and how. */
export interface StartOptions extends Omit<CaseContext, 'onEvents'> {
  readonly name: string;
}

/** What a case's process says once it listens. */
export interface Ready {
  readonly port: number;
  /** How long it took to import what it is made of and to listen. */
  readonly readyMs: number;
}

/** What a case's process says of itself. CPU time is that of all its threads, garbage collection included. */
export interface Reading {
  readonly cpuMicros: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  /** Events handled so far, or deliveries kept where it keeps them. */
  readonly work: number;
}

/** A case in a process of its own. */
export interface ServerProcess extends Ready {
  read(): Promise<Reading>;
  stop(): Promise<void>;
}

/** What a case starts with unless told otherwise. */
export const plainly = { place: '', hooks: 1, secretsPerHook: 1, handlers: 1 } as const;

/** The command that pins what follows it to one CPU; nothing where that cannot be done. */
export function pinnedTo(cpu: number): readonly string[] {
  return spawnSync('taskset', ['-c', String(cpu), 'true']).status === 0 ? ['taskset', '-c', String(cpu)] : [];
}

/**
 * V8 begins with a small young generation and lets it grow as it sees fit. Left to that, a process that parses much is by
 * chance a fifth slower than the next one that does the same.
 */
const YOUNG = '--min-semi-space-size=16';

const pin = pinnedTo(1);

export const isPinned: boolean = pin.length > 0;

/** Starts a case in a process that is pinned to a CPU of its own, where that can be done. */
export async function startServer(
  options: StartOptions,
  execArgv: readonly string[] = [],
): Promise<ServerProcess> {
  const program = fileURLToPath(new URL('server.js', import.meta.url));
  const [execPath = process.execPath, ...before] = [...pin, process.execPath, YOUNG, ...execArgv];
  const child = fork(program, [JSON.stringify(options)], {
    execPath,
    execArgv: before,
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const exited = once(child, 'exit');
  const answer = async <T>(): Promise<T> => {
    const [message] = await Promise.race([
      once(child, 'message'),
      exited.then(([code]) => {
        throw new Error(`The server of ${options.name} ended with code ${code}`);
      }),
    ]);
    return message as T;
  };

  const ready = await answer<Ready>();
  return {
    ...ready,
    async read() {
      const reading = answer<Reading>();
      child.send('read');
      return await reading;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
