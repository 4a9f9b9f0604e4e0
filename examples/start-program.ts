import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** For tests that start programs: Node takes its time on a machine that is busy. */
export const PROGRAM_TEST = { timeout: 30_000 };

/** A program of an example, running as a process of its own. */
export interface RunningProgram {
  /** Resolves to what the pattern's group captured, once the program has printed that. */
  printed(pattern: RegExp): Promise<string>;
  /** Resolves to the exit code, and to all that was printed. */
  readonly ended: Promise<{ readonly exitCode: number | null; readonly output: string }>;
  /** Asks the program to end, as a host does that wants to restart it. */
  terminate(): void;
}

/** Starts a program on the packages as they were built. It does not outlive the test. */
export function startProgram(
  program: URL,
  env: Readonly<Record<string, string | undefined>> = {},
): RunningProgram {
  const child = spawn(process.execPath, [fileURLToPath(program)], { env: { ...process.env, ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));

  let output = '';
  const remember = (text: string) => {
    output += text;
  };
  child.stdout.setEncoding('utf8').on('data', remember);
  child.stderr.setEncoding('utf8').on('data', remember);
  const ended = once(child, 'close').then(([exitCode]) => ({ exitCode, output }));

  return {
    ended,
    terminate: () => void child.kill('SIGTERM'),

    printed: (pattern) =>
      new Promise((resolve, reject) => {
        function look(): void {
          const captured = pattern.exec(output)?.[1];
          if (captured === undefined) return;
          child.stdout.off('data', look);
          resolve(captured);
        }
        child.stdout.on('data', look);
        look();
        void ended.then(() => reject(new Error(`It ended without printing ${pattern}:\n${output}`)));
      }),
  };
}
