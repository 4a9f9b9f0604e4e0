import type { AddressInfo } from 'node:net';
import { hookshake } from '@hookshake/fastify';
import type { AdapterUnderTest } from '@hookshake/testing';
import Fastify from 'fastify';

/** An app that parses JSON beside the receiver. */
export const fastifyAdapter: AdapterUnderTest = {
  async serve(receiver, { hookId, bodyReadBefore } = {}) {
    const app = Fastify({ forceCloseConnections: true });
    if (bodyReadBefore) {
      app.addHook('preParsing', async (_request, _reply, payload) => {
        await payload.forEach(() => {});
        return payload;
      });
    }
    app.post('/*', async (request) => ({ times: 1, body: request.body }));
    await app.register(hookshake, { receiver, hookId, prefix: '/webhooks/asana' });
    await app.listen({ port: 0, host: '127.0.0.1' });
    return { port: (app.server.address() as AddressInfo).port, close: () => app.close() };
  },
};
