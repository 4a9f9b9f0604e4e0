import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { memoryInbox } from '../src/index.js';
import { deliveryRequest, taskChanged } from './hook-request.js';
import { SECRET, setUpReceiver } from './receiver-setup.js';

afterEach(() => {
  vi.useRealTimers();
});

it('a memoryInbox() refuses options that it does not have', () => {
  expect(() => memoryInbox({ maxWating: 1 } as object)).toThrow('is no option of memoryInbox()');
});

it('a memoryInbox() rests while its worker is busy and something else is due', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const now = vi.fn(() => performance.now());
  const { receiver } = setUpReceiver({ inbox: memoryInbox({ now }) });
  const tried: string[] = [];
  receiver.on('task.changed', async ({ resource: { gid } }) => {
    tried.push(gid);
    if (gid === 'slow') await new Promise((resolve) => setTimeout(resolve, 30_000));
    else if (tried.length === 1) throw new Error('not now');
  });
  await receiver.start({ concurrency: 1, backoffMs: 1_000 });
  await receiver.receive(deliveryRequest([taskChanged('fails')], SECRET));
  await receiver.receive(deliveryRequest([taskChanged('slow')], SECRET));
  while (tried.length < 2) await setImmediate();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(tried).toEqual(['fails', 'slow']);
  now.mockClear();
  await vi.advanceTimersByTimeAsync(19_000);
  expect(now.mock.calls.length).toBeLessThan(10);
  await vi.advanceTimersByTimeAsync(2_000);
  while (tried.length < 3) await setImmediate();
  expect(tried).toEqual(['fails', 'slow', 'fails']);
  await receiver.close();
});
