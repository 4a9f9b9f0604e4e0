/**
 * The program of every process of `crashRounds`: it receives deliveries over HTTP, works the inbox, or does both, until
 * it is killed.
 */
import { openSync, writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { createReceiver, type ReceiverOptions } from '@hookshake/core';
import { createNodeHandler } from '@hookshake/core/node';
import { serveListener } from '../serve-listener.js';
import type { Assignment, Report } from './crew.js';
import { idOf } from './load.js';

/** Handlers that take no time would hardly ever be killed in the middle. */
const HANDLING_MS = 5;

const { backend, receives, works, concurrency, secret, log } = JSON.parse(
  process.argv[2] ?? '',
) as Assignment;
// Whoever started it is gone.
process.once('disconnect', () => process.exit());

const module = (await import(backend.module)) as Record<string, (...args: readonly unknown[]) => unknown>;
const options = (await module[backend.create]?.(...backend.args)) as ReceiverOptions;
const receiver = createReceiver(options);
await options.secrets.accept('default', secret, 'always');

if (works) {
  const handled = openSync(log, 'a');
  receiver.on('*', async (event, { attempt }) => {
    await setTimeout(Math.random() * HANDLING_MS);
    const id = idOf(event);
    if (attempt === 1 && id.endsWith('7')) throw new Error('One in ten fails at first');
    writeSync(handled, `${id}\n`);
  });
  await receiver.start({ backoffMs: 20, concurrency });
}

process.on('message', () => void receiver.idle().then(() => report({ idle: true })));
if (receives) {
  const { port } = await serveListener(createNodeHandler(receiver));
  report({ port });
} else {
  report({});
}

function report(what: Report): void {
  process.send?.(what);
}
