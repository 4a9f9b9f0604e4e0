import { once } from 'node:events';
import { createServer, request as httpRequest, type RequestListener, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { sign } from '../src/index.js';
import { createNodeHandler } from '../src/node.js';
import { SECRET, setUpReceiver } from './receiver-setup.js';

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(listener: RequestListener, options: ServerOptions = {}): Promise<number> {
  const server = createServer(options, listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close().closeAllConnections());
  return (server.address() as AddressInfo).port;
}

async function send(
  port: number,
  method: string,
  headers: Record<string, string> = {},
  body = '',
): Promise<{ status: number | undefined; body: string }> {
  const request = httpRequest({ port, method, path: '/bugs', headers, agent: false });
  request.end(body);
  const [response] = await once(request, 'response');
  return { status: response.statusCode, body: (await buffer(response)).toString() };
}

describe('the handler for node:http', () => {
  it('answers HEAD without a body, also where the server forbids one', async () => {
    const { receiver } = setUpReceiver();
    const handler = createNodeHandler(receiver);
    const port = await serve((request, response) => void handler(request, response), {
      rejectNonStandardBodyWrites: true,
    });
    expect(await send(port, 'HEAD')).toEqual({ status: 405, body: '' });
  });

  it('fails at once with body_consumed when somebody before it had the body decoded to text', async () => {
    const { receiver, requestCodes } = setUpReceiver();
    const handler = createNodeHandler(receiver);
    const port = await serve((request, response) => {
      request.setEncoding('utf8');
      void handler(request, response);
    });
    const body = '{"events":[]}';
    const { status } = await send(port, 'POST', { 'x-hook-signature': sign(body, SECRET) }, body);
    expect([status, requestCodes()]).toEqual([500, ['body_consumed']]);
  });
});
