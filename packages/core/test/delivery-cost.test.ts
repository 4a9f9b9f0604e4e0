import { createHmac } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { deliveryRequest } from './hook-request.js';
import { setUpReceiver } from './receiver-setup.js';

vi.mock('node:crypto', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:crypto')>();
  return { ...original, createHmac: vi.fn(original.createHmac) };
});

describe('the hashes of a delivery', () => {
  it('are one once its secret has matched, wherever that one stands', async () => {
    const secrets = Array.from({ length: 16 }, (_, index) => `secret-${index}`);
    const { receiver } = setUpReceiver({ holding: { bugs: secrets } });

    const hashesFor = async (secret: string): Promise<number> => {
      const request = deliveryRequest([], secret);
      vi.mocked(createHmac).mockClear();
      expect((await receiver.receive(request)).status).toBe(200);
      return vi.mocked(createHmac).mock.calls.length;
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
    vi.mocked(createHmac).mockClear();
    await receiver.receive(malformed);
    await receiver.receive(unknown);
    expect(createHmac).not.toHaveBeenCalled();
  });
});
