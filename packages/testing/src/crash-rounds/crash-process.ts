/**
 * The program of every process of `crashRounds`: it receives deliveries over HTTP, works the inbox, or does both, until
 * it is killed.
 */
import { openSync, writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { createReceiver, isHookshakeError, type ReceiverOptions } from '@hookshake/core';
import { createNodeHandler } from '@hookshake/core/node';
import { serveListener } from '../serve-listener.js';
import type { Assignment, Report } from './crew.js';
import { idOf } from './load.js';

/** The wait until a server that was away is asked again. */
const AWAY_MS = 50;
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
await untilDone(() => options.secrets.accept('default', secret, 'always'));

if (works) {
  const handled = openSync(log, 'a');
  receiver.on('*', async (event, { attempt }) => {
    await setTimeout(Math.random() * HANDLING_MS);
    const id = idOf(event);
    if (attempt === 1 && id.endsWith('7')) throw new Error('One in ten fails at first');
    writeSync(handled, `${id}\n`);
  });
  await untilDone(() => receiver.start({ backoffMs: 20, concurrency }));
}

process.on('message', () => void untilDone(() => receiver.idle()).then(() => report({ idle: true })));
if (receives) {
  const { port } = await serveListener(createNodeHandler(receiver));
  report({ port });
} else {
  report({});
}

/**
 * The server behind the backend may be killed at any moment, and what is asked of it just then rejects. As a supervisor
 * would, this tries again; how long that may take is for `crashRounds` to say. What the backend itself refuses, it will
 * refuse again.
 */
async function untilDone(ask: () => unknown): Promise<void> {
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (isHookshakeError(error)) throw error;
      console.error(error);
      await setTimeout(AWAY_MS);
    }
  }
}

function report(what: Report): void {
  process.send?.(what);
}
