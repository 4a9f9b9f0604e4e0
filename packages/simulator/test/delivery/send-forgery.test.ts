import { describe, expect, test } from 'vitest';
import { startAsana } from '../support/start-asana.js';
import { startReceiver } from '../support/start-receiver.js';

async function startSubscribed() {
  const asana = await startAsana();
  const receiver = await startReceiver();
  const webhook = await asana.subscribe(asana.project, receiver.url);
  return { ...asana, receiver, webhook };
}

describe('a forgery', () => {
  test('handshake: comes as from a stranger, and its answer is given', async () => {
    const { receiver, simulator, webhook } = await startSubscribed();
    const answer = await simulator.forge({ forge: 'handshake', webhook, secret: 'mine' });
    expect(answer).toMatchObject({ status: 200, headers: { 'x-hook-secret': 'mine' } });
    expect(receiver.handshakes).toHaveLength(2);
    expect(simulator.deliveries().at(-1)).toMatchObject({
      kind: 'handshake',
      forged: true,
      webhook: undefined,
    });
  });

  test('delivery: is signed with a secret that no webhook has', async () => {
    const { receiver, simulator } = await startSubscribed();
    const answer = await simulator.forge({ forge: 'delivery', target: receiver.url });
    expect(answer).toMatchObject({ status: 401 });
    expect(receiver.rejected).toHaveLength(1);
  });

  test('carries any secret that HTTP can carry, and no other', async () => {
    const { receiver, simulator } = await startSubscribed();
    for (const secret of ['', 'with, comma', '$&', 'x'.repeat(257)]) {
      await simulator.forge({ forge: 'handshake', target: receiver.url, secret });
      expect(receiver.handshakes.at(-1)?.headers['x-hook-secret']).toBe(secret);
    }
    const split = simulator.forge({ forge: 'handshake', target: receiver.url, secret: 'two\r\nlines' });
    await expect(split).rejects.toMatchObject({ code: 'invalid_option' });
  });

  test('needs a target', async () => {
    const { simulator } = await startSubscribed();
    await expect(simulator.forge({ forge: 'delivery', webhook: '1' })).rejects.toMatchObject({
      code: 'unknown_webhook',
    });
  });
});
