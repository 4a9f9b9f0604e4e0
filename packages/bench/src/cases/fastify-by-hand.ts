import Fastify from 'fastify';
import type { CaseContext, RunningCase } from '../case.js';
import { MOUNT } from '../schemes.js';
import { countEvents, isGenuine } from './checks.js';

/** The same check in a route of Fastify, with the body as a buffer. */
export async function startFastifyByHand({ onEvents }: CaseContext): Promise<RunningCase> {
  const app = Fastify({ bodyLimit: 4 * 1024 * 1024 });
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  app.post(MOUNT, (request, reply) => {
    const body = request.body as Buffer;
    if (!isGenuine(body, request.headers['x-hook-signature'])) return reply.code(401).send();
    onEvents(countEvents(body));
    return reply.code(204).send();
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { server: app.server };
}
