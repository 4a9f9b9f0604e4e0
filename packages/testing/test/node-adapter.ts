import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { createNodeHandler } from '@hookshake/core/node';
import { type AdapterUnderTest, serveListener } from '@hookshake/testing';

/** `createNodeHandler` in a plain `node:http` server that hands everything else on. */
export const nodeAdapter: AdapterUnderTest = {
  serve(receiver, { hookId, bodyReadBefore } = {}) {
    const asana = createNodeHandler(receiver, { basePath: '/webhooks/asana', hookId });
    return serveListener(async (request, response) => {
      if (bodyReadBefore) await request.forEach(() => {});
      let times = 0;
      await asana(request, response, () => times++);
      if (times > 0) await answerAsHost(request, response, () => times);
    });
  },
};

/** What a host answers beside the mount; the count is taken late, so that a second time shows. */
export async function answerAsHost(
  request: IncomingMessage,
  response: ServerResponse,
  times: () => number,
): Promise<void> {
  const body = await json(request);
  await setImmediate();
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ times: times(), body }));
}
