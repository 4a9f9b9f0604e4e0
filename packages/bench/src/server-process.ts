import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Contender } from './contenders.js';

/** What a contender's process says of itself. CPU time is that of all its threads, garbage collection included. */
export interface Reading {
  readonly cpuMicros: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  /** Events handled so far. */
  readonly events: number;
}

/** A contender in a process of its own. */
export interface ServerProcess {
  readonly port: number;
  read(): Promise<Reading>;
  stop(): Promise<void>;
}

/** The command that pins what follows it to one CPU; nothing where that cannot be done. */
export function pinnedTo(cpu: number): readonly string[] {
  return spawnSync('taskset', ['-c', String(cpu), 'true']).status === 0 ? ['taskset', '-c', String(cpu)] : [];
}

/** @param pin - What to put before the command, such as {@link pinnedTo} tells. */
export async function startServer(
  contender: Contender,
  pin: readonly string[] = [],
  execArgv: readonly string[] = [],
): Promise<ServerProcess> {
  const program = fileURLToPath(new URL('server.js', import.meta.url));
  const [execPath = process.execPath, ...before] = [...pin, process.execPath, ...execArgv];
  const child = fork(program, [contender], {
    execPath,
    execArgv: before,
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const exited = once(child, 'exit');
  const answer = async <T>(): Promise<T> => {
    const [message] = await Promise.race([
      once(child, 'message'),
      exited.then(([code]) => {
        throw new Error(`The server of ${contender} ended with code ${code}`);
      }),
    ]);
    return message as T;
  };

  const { port } = await answer<{ port: number }>();
  return {
    port,
    async read() {
      const reading = answer<Reading>();
      child.send('read');
      return await reading;
    },
    async stop() {
      child.disconnect();
      await exited;
    },
  };
}
