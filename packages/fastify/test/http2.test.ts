import { once } from 'node:events';
import { connect } from 'node:http2';
import { createReceiver, memorySecrets } from '@hookshake/core';
import { hookshake } from '@hookshake/fastify';
import Fastify from 'fastify';
import { expect, test } from 'vitest';

test('a refused upload over HTTP/2 does not keep its stream open, and its connection lives on', async () => {
  const app = Fastify({ http2: true });
  await app.register(hookshake, {
    receiver: createReceiver({ secrets: memorySecrets(), logger: false }),
    prefix: '/webhooks/asana',
  });
  const client = connect(await app.listen({ port: 0, host: '127.0.0.1' }));
  const upload = () =>
    client.request({
      ':method': 'POST',
      ':path': '/webhooks/asana/unknown',
      'x-hook-signature': 'a'.repeat(64),
    });

  const endless = upload();
  endless.write('{');
  const [headers] = await once(endless, 'response');
  endless.resume();
  await once(endless, 'close');
  expect(headers[':status']).toBe(401);

  const whole = upload();
  whole.end('{}');
  const [next] = await once(whole, 'response');
  expect(next[':status']).toBe(401);
  client.destroy();
  await app.close();
});
