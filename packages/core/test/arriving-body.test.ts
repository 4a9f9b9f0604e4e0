import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { receiveBody } from '../src/arriving-body.js';

const MIB = 1024 * 1024;
const never = () => {
  throw new Error('It was not its turn');
};

describe('a body that arrives', () => {
  it('is put together in order, however it was cut', () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
    for (const size of [1, 7, 1_000, 100_000]) {
      const body = receiveBody(MIB, never);
      for (let at = 0; at < bytes.length; at += size) body.add(bytes.subarray(at, at + size));
      expect(Buffer.compare(body.whole(), bytes)).toBe(0);
    }
  });

  it('takes not much more memory than its bytes, if a stranger sends them one by one', async () => {
    const program = `
      import(${JSON.stringify(new URL('../dist/arriving-body.js', import.meta.url).href)}).then(({ receiveBody }) => {
        const body = receiveBody(4e6, () => {});
        for (let sent = 0; sent < 1_000_000; sent++) body.add(Buffer.alloc(1));
        if (body.whole().length !== 1_000_000) throw new Error('It is not whole');
      });`;
    const worker = new Worker(program, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 48 } });
    const ended = await new Promise((resolve) => worker.on('error', resolve).on('exit', resolve));
    expect(ended).toBe(0);
  });

  it.each<[string, unknown]>([
    ['text', 'text'],
    ['an ArrayBuffer', new ArrayBuffer(8)],
  ])('refuses %s, which is no bytes, and counts nothing of it', (_what, chunk) => {
    const body = receiveBody(MIB, never);
    expect(() => body.add(chunk as Uint8Array)).toThrow(expect.objectContaining({ code: 'body_consumed' }));
    const genuine = receiveBody(MIB, never);
    genuine.add(Buffer.from('bytes'));
    expect(genuine.whole().toString()).toBe('bytes');
  });

  it('keeps no other one out: of all that take too much memory, the oldest has to go', () => {
    const givenUp: string[] = [];
    const slow = Array.from({ length: 16 }, (_, index) => {
      const body = receiveBody(4 * MIB, ({ code }) => givenUp.push(`${index} ${code}`));
      body.add(Buffer.alloc(4 * MIB));
      return body;
    });
    const genuine = receiveBody(MIB, never);
    genuine.add(Buffer.from('gen'));
    genuine.add(Buffer.from('uine'));
    expect(givenUp).toEqual(['0 overloaded']);
    expect(genuine.whole().toString()).toBe('genuine');
    for (const body of slow) body.drop();
  });
});
