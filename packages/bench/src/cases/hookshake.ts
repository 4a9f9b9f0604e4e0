import { createReceiver, type EventName, memorySecrets, type Receiver } from '@hookshake/core';
import type { CaseContext, RunningCase } from '../case.js';
import type { Home } from '../homes.js';
import { hookIdOf, secretOf } from '../hooks.js';
import { listening } from '../listening.js';
import { MOUNT } from '../schemes.js';

export type Adapter = 'node' | 'fastify' | 'express';

/** One of our adapters, with an inbox that nobody works, or with handlers that run before the answer. */
export async function startHookshake(
  adapter: Adapter,
  home: Home | undefined,
  context: CaseContext,
): Promise<RunningCase> {
  const open = await home?.open(context.place);
  const secrets = open?.secrets ?? memorySecrets();
  for (let hook = 0; hook < context.hooks; hook++) {
    for (let number = 0; number < context.secretsPerHook; number++) {
      await secrets.accept(hookIdOf(hook, context.hooks), secretOf(hook, number), 'always');
    }
  }
  const receiver = createReceiver({ secrets, inbox: open?.inbox, close: open?.close, logger: false });
  // A process that only receives has no handlers.
  if (open === undefined) addHandlers(receiver, context);
  const server = await servers[adapter](receiver);
  return open === undefined ? { server } : { server, kept: () => open.kept() };
}

/** One for all events; the others wait for something else. */
function addHandlers(receiver: Receiver, { handlers, onEvents }: CaseContext): void {
  receiver.on('*', () => onEvents(1));
  for (let other = 1; other < handlers; other++) {
    receiver.on(otherField(other), () => onEvents(Number.NaN));
  }
}

/** A field that no delivery here changes; names have no digits. */
function otherField(number: number): EventName {
  const letters = [...String(number)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
  return `task.changed.field_${letters}` as EventName;
}

const servers: Readonly<Record<Adapter, (receiver: Receiver) => Promise<RunningCase['server']>>> = {
  async node(receiver) {
    const { createNodeHandler } = await import('@hookshake/core/node');
    const handler = createNodeHandler(receiver, { basePath: MOUNT });
    return await listening((request, response) => void handler(request, response));
  },

  async fastify(receiver) {
    const { default: Fastify } = await import('fastify');
    const { hookshake } = await import('@hookshake/fastify');
    const app = Fastify();
    await app.register(hookshake, { receiver, prefix: MOUNT });
    await app.listen({ port: 0, host: '127.0.0.1' });
    return app.server;
  },

  async express(receiver) {
    const { default: express } = await import('express');
    const { hookshake } = await import('@hookshake/express');
    const app = express();
    app.use(MOUNT, hookshake(receiver));
    return await listening(app);
  },
};
