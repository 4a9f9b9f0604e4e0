import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createReceiver, memorySecrets, type Receiver } from '@hookshake/core';
import { createNodeHandler } from '@hookshake/core/node';
import { hookshake as expressHookshake } from '@hookshake/express';
import { hookshake as fastifyHookshake } from '@hookshake/fastify';
import express from 'express';
import Fastify from 'fastify';
import { SECRET } from './deliveries.js';

export const MOUNT = '/webhooks/asana';

export type Contender =
  | 'floor'
  | 'hookshake node'
  | 'fastify by hand'
  | 'hookshake fastify'
  | 'express by hand'
  | 'hookshake express';

/** Whom a contender tells of the events it handled. */
export interface Told {
  readonly onEvents: (count: number) => void;
}

/** The receivers that are measured. The hand-written ones do the least that still proves a delivery genuine. */
export const contenders: Readonly<Record<Contender, (told: Told) => Promise<Server>>> = {
  /** The floor: the best that can be written by hand on node:http. */
  floor: ({ onEvents }) => listening(floor(onEvents)),

  'hookshake node': async ({ onEvents }) => {
    const handler = createNodeHandler(await receiverOf(onEvents), { basePath: MOUNT });
    return await listening((request, response) => void handler(request, response));
  },

  'fastify by hand': async ({ onEvents }) => {
    const app = Fastify();
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
    return app.server;
  },

  'hookshake fastify': async ({ onEvents }) => {
    const app = Fastify();
    await app.register(fastifyHookshake, { receiver: await receiverOf(onEvents), prefix: MOUNT });
    await app.listen({ port: 0, host: '127.0.0.1' });
    return app.server;
  },

  'express by hand': async ({ onEvents }) => {
    const app = express();
    app.post(MOUNT, express.raw({ type: 'application/json', limit: '4mb' }), (request, response) => {
      const body: Buffer = request.body;
      if (!isGenuine(body, request.headers['x-hook-signature'])) {
        response.status(401).end();
        return;
      }
      onEvents(countEvents(body));
      response.status(204).end();
    });
    return await listening(app);
  },

  'hookshake express': async ({ onEvents }) => {
    const app = express();
    app.use(MOUNT, expressHookshake(await receiverOf(onEvents)));
    return await listening(app);
  },
};

const key = createSecretKey(SECRET, 'utf8');

function floor(onEvents: (count: number) => void): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
      if (!isGenuine(body, request.headers['x-hook-signature'])) {
        response.writeHead(401).end();
        return;
      }
      onEvents(countEvents(body));
      response.writeHead(204).end();
    });
  };
}

function isGenuine(body: Buffer, signature: string | string[] | undefined): boolean {
  if (typeof signature !== 'string') return false;
  const given = Buffer.from(signature, 'hex');
  const expected = createHmac('sha256', key).update(body).digest();
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function countEvents(body: Buffer): number {
  const payload: { readonly events: readonly unknown[] } = JSON.parse(body.toString());
  return payload.events.length;
}

async function receiverOf(onEvents: (count: number) => void): Promise<Receiver> {
  const secrets = memorySecrets();
  await secrets.accept('default', SECRET, 'always');
  return createReceiver({ secrets, logger: false }).on('*', () => onEvents(1));
}

async function listening(listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
