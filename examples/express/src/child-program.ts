import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A program that runs as a process of its own. */
export interface ChildProgram {
  /** Resolves to what the pattern's group captured, once a line matches it. */
  printed(pattern: RegExp): Promise<string>;
  /** From now on, shows each line that it prints, under a name. */
  show(name: string): void;
  /** Ends it, and resolves once it has ended. */
  stop(): Promise<void>;
}

export function startChildProgram(
  program: URL,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProgram {
  const child = spawn(process.execPath, [fileURLToPath(program), ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  const lines: string[] = [];
  let name: string | undefined;
  let look = () => {};

  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on('line', (line) => {
      lines.push(line);
      if (name !== undefined && line !== '') console.log(`     ${name} │ ${line}`);
      look();
    });
  }

  return {
    show(as) {
      name = as;
    },

    printed: (pattern) =>
      new Promise((resolve, reject) => {
        look = () => {
          const captured = lines.map((line) => pattern.exec(line)?.[1]).find((one) => one !== undefined);
          if (captured !== undefined) resolve(captured);
        };
        look();
        void ended.then(() => reject(new Error(`${program} ended without ${pattern}:\n${lines.join('\n')}`)));
      }),

    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
