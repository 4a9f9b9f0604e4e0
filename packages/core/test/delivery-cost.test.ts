import { describe, expect, it, vi } from 'vitest';
import { hmac } from '../src/hmac.js';
import { deliveryRequest } from './hook-request.js';
import { setUpReceiver } from './receiver-setup.js';

vi.mock('../src/hmac.js', async (importOriginal) => {
  const original = await importOriginal<typeof import('../src/hmac.js')>();
  return { ...original, hmac: vi.fn(original.hmac) };
});

describe('the hashes of a delivery', () => {
  it('are one once its secret has matched, wherever that one stands', async () => {
    const secrets = Array.from({ length: 16 }, (_, index) => `secret-${index}`);
    const { receiver } = setUpReceiver({ holding: { bugs: secrets } });

    const hashesFor = async (secret: string): Promise<number> => {
      const request = deliveryRequest([], secret);
      vi.mocked(hmac).mockClear();
      expect((await receiver.receive(request)).status).toBe(200);
      return vi.mocked(hmac).mock.calls.length;
    };

    expect(await hashesFor('secret-15')).toBe(16);
    expect(await hashesFor('secret-15')).toBe(1);
    expect(await hashesFor('secret-0')).toBe(2);
    expect(await hashesFor('secret-0')).toBe(1);
  });

  it('are none for what cannot be genuine', async () => {
    const { receiver } = setUpReceiver();
    const malformed = deliveryRequest([], 'x', { headers: { 'x-hook-signature': 'x' } });
    const unknown = deliveryRequest([], 'x', { hookId: 'unknown' });
    vi.mocked(hmac).mockClear();
    await receiver.receive(malformed);
    await receiver.receive(unknown);
    expect(hmac).not.toHaveBeenCalled();
  });
});
