#!/usr/bin/env node
import { runCommand } from './run-command.js';
import { isSimulatorError } from './simulator-error.js';
import { usage } from './start-text.js';

try {
  const simulator = await runCommand(process.argv.slice(2), console.log);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator?.close());
} catch (error) {
  // A wrong option or a port in use is for the reader; anything else is a mistake of ours, and keeps its stack.
  if (!(error instanceof Error && (isSimulatorError(error) || 'code' in error))) throw error;
  console.error(`${error.message}\n\n${usage}`);
  process.exitCode = 1;
}
