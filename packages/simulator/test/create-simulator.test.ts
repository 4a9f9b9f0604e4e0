import { describe, expect, test } from 'vitest';
import { createSimulator, isSimulatorError, type SimulatorOptions } from '../src/index.js';
import { startAsana } from './support/start-asana.js';
import { startReceiver } from './support/start-receiver.js';

describe('createSimulator', () => {
  test('rejects unknown and invalid options with their name', () => {
    const create = (options: object) => () => createSimulator(options as SimulatorOptions);
    expect(create({ deadlinMs: 5 })).toThrow(/deadlinMs/);
    expect(create({ deadlineMs: 'soon' })).toThrow(/'deadlineMs' must be a number from 1 to 600000/);
    expect(create({ seed: Number.NaN })).toThrow(/'seed'/);
    expect(create({ handshakeBody: 'null' })).toThrow(/one of mixed, empty/);
    expect(create({ successStatuses: [200, 'ok'] })).toThrow(/'successStatuses'/);
    expect(create({ startAt: new Date('never') })).toThrow(/'startAt'/);
    expect(create({ seed: undefined })).not.toThrow();
    try {
      create({ deadlinMs: 5 })();
    } catch (error) {
      expect(isSimulatorError(error) && error.code).toBe('unknown_option');
    }
  });

  test('has no address before it listens', () => {
    expect(() => createSimulator().url).toThrow(expect.objectContaining({ code: 'not_listening' }));
  });

  test('listens on 127.0.0.1, refuses a port that is taken, and may be closed twice', async () => {
    const { simulator } = await startAsana();
    expect(simulator.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const second = createSimulator();
    await expect(second.listen(Number(new URL(simulator.url).port))).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    await second.close();
    await simulator.close();
    await simulator.close();
  });

  test('gives the same bytes for the same seed, and others for another', async () => {
    const run = async (seed: number) => {
      const { simulator, subscribe, project, task } = await startAsana({ seed, systemStories: true });
      const receiver = await startReceiver();
      for (const path of ['/1', '/2']) await subscribe(project, `${receiver.url}${path}`);
      for (let index = 0; index < 150; index += 1) simulator.change(task, { field: 'completed' });
      receiver.intercept = (request, response) => {
        const isFirst = receiver.deliveries.length === 0 && request.url === '/1';
        if (isFirst) response.writeHead(500).end();
        return isFirst;
      };
      await simulator.flush();
      receiver.intercept = undefined;
      await simulator.advance(3_600_000);
      const bytes = receiver.deliveries.map(({ path, headers, body }) => [
        path,
        headers['x-hook-signature'],
        body,
      ]);
      return JSON.stringify([
        receiver.handshakes.map(({ headers, body }) => [headers['x-hook-secret'], body]),
        bytes.sort(),
      ]);
    };
    const [once, again, other] = [await run(5), await run(5), await run(6)];
    expect(again).toBe(once);
    expect(other).not.toBe(once);
  });

  test('moves the clock by what it is told, and attempts run in real time meanwhile', async () => {
    const { simulator } = await startAsana({ startAt: new Date('2026-03-01T00:00:00Z') });
    expect(simulator.now().toISOString()).toBe('2026-03-01T00:00:00.000Z');
    await Promise.all([simulator.advance(1_000), simulator.advance(2_000)]);
    expect(simulator.now().toISOString()).toBe('2026-03-01T00:00:03.000Z');
    for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(simulator.advance(ms)).rejects.toMatchObject({ code: 'invalid_option' });
    }
  });

  test('keeps as many deliveries as told', async () => {
    const { simulator, subscribe, project } = await startAsana({ keepDeliveries: 2 });
    const receiver = await startReceiver();
    await subscribe(project, receiver.url);
    await simulator.advance(24 * 3_600_000);
    expect(simulator.deliveries().map(({ kind }) => kind)).toEqual(['heartbeat', 'heartbeat']);
  });

  test('carries 100,000 events to 1,000 webhooks, none lost and none invented', {
    timeout: 60_000,
  }, async () => {
    const { simulator } = await startAsana();
    const receiver = await startReceiver();
    const token = simulator.token();
    const tasks: string[] = [];
    for (let index = 0; index < 1_000; index += 1) {
      const project = simulator.resource({ resource_type: 'project' });
      tasks.push(simulator.resource({ resource_type: 'task', parent: project }));
      const response = await fetch(`${simulator.apiUrl}/webhooks`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: new URLSearchParams({ resource: project, target: `${receiver.url}/${index}` }),
      });
      expect(response.status).toBe(201);
      await response.arrayBuffer();
    }
    for (let round = 0; round < 100; round += 1) {
      for (const task of tasks) simulator.change(task, { field: `field ${round}` });
    }
    await simulator.flush();
    const arrived = new Set(
      receiver.deliveries.flatMap(({ path, events }) => {
        return events.map(({ resource, change }) => `${path} ${resource?.gid} ${change?.field}`);
      }),
    );
    const sent = tasks.flatMap((task, index) => {
      return Array.from({ length: 100 }, (_, round) => `/${index} ${task} field ${round}`);
    });
    expect(receiver.events()).toHaveLength(100_000);
    expect(sent.filter((event) => !arrived.has(event))).toEqual([]);
  });
});
