import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What a process of `crashRounds` is told when it starts. */
export interface Assignment {
  readonly backend: { readonly module: string; readonly create: string; readonly args: readonly unknown[] };
  readonly receives: boolean;
  readonly works: boolean;
  readonly concurrency: number;
  readonly secret: string;
  /** The file that gets a line for each event that is handled. */
  readonly log: string;
}

/** What a process tells: the port that it listens on, if it receives; later on, that nothing is left to be handled. */
export interface Report {
  readonly port?: number;
  readonly idle?: true;
}

/** One of the processes of `crashRounds`. */
export interface CrashProcess {
  /** Who receives works, too, where there are no workers. */
  readonly role: 'receiver' | 'worker';
  /** Which one of its role, counted from 0. */
  readonly index: number;
}

/** A process that is started again after it was killed. */
export interface Member extends CrashProcess {
  /** Where it listens now; `undefined` while it is down, and of a worker. */
  readonly port: number | undefined;
  /** Resolves once it receives or works. */
  start(signal: AbortSignal): Promise<void>;
  /** Resolves once it is gone. */
  kill(): Promise<void>;
  /** Resolves once nothing waits and nothing runs in its inbox. */
  drain(signal: AbortSignal): Promise<void>;
}

// From the sources as well as from what is built, since Node runs the latter only.
const program = fileURLToPath(new URL('../../dist/crash-rounds/crash-process.js', import.meta.url));

const MAX_STDERR = 4_000;

/** @param died - Called when it ends though nobody killed it. */
export function createMember(
  { role, index }: CrashProcess,
  assignment: Assignment,
  died: (error: Error) => void,
): Member {
  let child: ChildProcess | undefined;
  let port: number | undefined;
  let stderr = '';

  async function reportOf(one: ChildProcess, what: string, signal: AbortSignal): Promise<Report> {
    try {
      const [report] = (await once(one, 'message', { signal })) as [Report];
      return report;
    } catch (cause) {
      throw new Error(`A ${role} did not ${what}. It wrote: ${stderr}`, { cause });
    }
  }

  return {
    role,
    index,
    get port() {
      return port;
    },

    async start(signal) {
      const started = fork(program, [JSON.stringify(assignment)], {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      });
      child = started;
      started.stderr?.setEncoding('utf8').on('data', (text: string) => {
        stderr = `${stderr}${text}`.slice(-MAX_STDERR);
      });
      // 'close' rather than 'exit': by then all that it wrote has been read.
      started.once('close', (code, killedBy) => {
        if (child === started) died(new Error(`A ${role} ended by itself (${code ?? killedBy}): ${stderr}`));
      });
      ({ port } = await reportOf(started, 'start', signal));
    },

    async kill() {
      const killed = child;
      child = undefined;
      port = undefined;
      if (killed === undefined || killed.exitCode !== null || killed.signalCode !== null) return;
      const gone = once(killed, 'exit');
      killed.kill('SIGKILL');
      await gone;
    },

    async drain(signal) {
      if (child === undefined) return;
      const idle = reportOf(child, 'become idle', signal);
      child.send('drain');
      await idle;
    },
  };
}
