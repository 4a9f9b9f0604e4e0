import { describe, expect, test } from 'vitest';
import { startAsana } from './support/start-asana.js';
import { startReceiver } from './support/start-receiver.js';

async function startSubscribed(options: Parameters<typeof startAsana>[0] = {}) {
  const asana = await startAsana({ deliverySize: 'full', ...options });
  const receiver = await startReceiver();
  const webhook = await asana.subscribe(asana.project, receiver.url);
  const change = (field: string) => asana.simulator.change(asana.task, { field });
  const fields = () => receiver.deliveries.map(({ events }) => events.map((event) => event.change?.field));
  return { ...asana, receiver, webhook, change, fields };
}

describe('a fault', () => {
  test('duplicate: the same bytes come twice', async () => {
    const { change, fields, receiver, simulator } = await startSubscribed();
    simulator.inject({ fault: 'duplicate' });
    change('name');
    await simulator.flush();
    expect(fields()).toEqual([['name'], ['name']]);
    expect(receiver.deliveries[0]?.body).toBe(receiver.deliveries[1]?.body);
  });

  test('reorder: newest events first', async () => {
    const { change, fields, simulator } = await startSubscribed();
    simulator.inject({ fault: 'reorder' });
    for (const field of ['a', 'b', 'c']) change(field);
    await simulator.flush();
    expect(fields()).toEqual([['c', 'b', 'a']]);
  });

  test('repeat: delivered events come again before newer ones', async () => {
    const { change, fields, simulator } = await startSubscribed();
    simulator.inject({ fault: 'repeat' });
    change('a');
    await simulator.flush();
    change('b');
    await simulator.flush();
    change('c');
    await simulator.flush();
    expect(fields()).toEqual([['a'], ['a', 'b'], ['c']]);
  });

  test('cut: the connection ends half way through the body, and the delivery is retried', async () => {
    const { change, fields, read, simulator, webhook } = await startSubscribed();
    simulator.inject({ fault: 'cut' });
    change('name');
    await simulator.flush();
    expect(fields()).toEqual([]);
    expect((await read(webhook)).last_failure_content).toBe('The connection was cut on purpose.');
    await simulator.advance(60_000);
    expect(fields()).toEqual([['name']]);
  });

  test('slow: the body pauses half way, and past the deadline the delivery fails', async () => {
    const { change, fields, read, simulator, webhook } = await startSubscribed({ deadlineMs: 100 });
    simulator.inject({ fault: 'slow', ms: 20 });
    change('a');
    await simulator.flush();
    expect(fields()).toEqual([['a']]);
    simulator.inject({ fault: 'slow', ms: 60_000 });
    change('b');
    await simulator.flush();
    expect(fields()).toEqual([['a']]);
    expect((await read(webhook)).last_failure_content).toBe('No answer within 100 ms.');
  });

  test('odd-json: signed bytes that no serialiser writes, with the same meaning', async () => {
    const { change, fields, receiver, simulator, webhook } = await startSubscribed();
    simulator.inject({ fault: 'odd-json' });
    change('a/ü"\\');
    await simulator.flush();
    expect(fields()).toEqual([['a/ü"\\']]);
    const body = receiver.deliveries[0]?.body ?? '';
    expect(body).not.toBe(JSON.stringify(JSON.parse(body)));
    expect(body).toContain('\\/');
    expect(body).toContain('\\u00fc');
    expect(simulator.deliveries(webhook).at(-1)?.faults).toEqual(['odd-json']);
  });

  test('strikes the webhook it is aimed at, as often as told, and no heartbeat', async () => {
    const { change, receiver, simulator, subscribe, project } = await startSubscribed();
    const other = await subscribe(project, `${receiver.url}/other`);
    simulator.inject({ fault: 'duplicate', webhook: other, times: 2 });
    for (const field of ['a', 'b', 'c']) {
      change(field);
      await simulator.flush();
      await simulator.advance(8 * 3_600_000);
    }
    const count = (path: string) => receiver.deliveries.filter((delivery) => delivery.path === path).length;
    expect([count('/'), count('/other')]).toEqual([3, 5]);
    expect(receiver.heartbeats).toHaveLength(2 + 3 * 2);
  });

  test('that is unknown or incomplete is refused', async () => {
    const { simulator } = await startSubscribed();
    const inject = (fault: object) => () => simulator.inject(fault as { fault: 'slow' });
    expect(inject({ fault: 'earthquake' })).toThrow(expect.objectContaining({ code: 'invalid_option' }));
    expect(inject({ fault: 'slow' })).toThrow(expect.objectContaining({ code: 'invalid_option' }));
    expect(inject({ fault: 'cut', after: 3 })).toThrow(expect.objectContaining({ code: 'unknown_option' }));
  });
});
