import { describe, expect, test } from 'vitest';
import { type StartedAsana, startAsana } from '../support/start-asana.js';
import { answering, type FakeReceiver, silent, startReceiver } from '../support/start-receiver.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

async function startSubscribed(options: Parameters<typeof startAsana>[0] = {}) {
  const asana = await startAsana(options);
  const receiver = await startReceiver();
  const webhook = await asana.subscribe(asana.project, receiver.url);
  return { ...asana, receiver, webhook, ...times(asana, receiver) };
}

function times({ simulator, task }: StartedAsana, receiver: FakeReceiver) {
  return {
    change: (field: string) => simulator.change(task, { field }),
    fields: () => receiver.deliveries.map(({ events }) => events.map(({ change }) => change?.field)),
    inHours: (hours: number) => new Date(simulator.now().getTime() + hours * HOUR_MS).toISOString(),
  };
}

describe('deliveries', () => {
  test('wait for flush, and then go out batched and signed', async () => {
    const { change, fields, receiver, simulator } = await startSubscribed({ deliverySize: 'full' });
    change('name');
    change('due_on');
    expect(receiver.deliveries).toEqual([]);
    await simulator.flush();
    expect(fields()).toEqual([['name', 'due_on']]);
    expect(receiver.deliveries[0]?.headers['content-type']).toBe('application/json');
    expect(receiver.rejected).toEqual([]);
    await simulator.flush();
    expect(receiver.deliveries).toHaveLength(1);
  });

  test('hold no more events than told, and nothing is lost', async () => {
    const { change, fields, simulator } = await startSubscribed({ maxEventsPerDelivery: 3 });
    const changed = Array.from({ length: 20 }, (_, index) => `field ${index}`);
    changed.map(change);
    await simulator.flush();
    expect(fields().every(({ length }) => length >= 1 && length <= 3)).toBe(true);
    expect(fields().flat().sort()).toEqual(changed.sort());
  });

  test('to one webhook are in flight at a time as many as told', async () => {
    for (const parallelDeliveries of [1, 3]) {
      const { change, receiver, simulator } = await startSubscribed({
        maxEventsPerDelivery: 1,
        parallelDeliveries,
      });
      let inFlight = 0;
      let most = 0;
      receiver.intercept = (_, response) => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        setImmediate(() => setImmediate(() => response.end(() => (inFlight -= 1))));
        return true;
      };
      for (let index = 0; index < 12; index += 1) change(`field ${index}`);
      await simulator.flush();
      expect(most).toBe(parallelDeliveries);
    }
  });

  test('wait for the latency, when told so', async () => {
    const { change, receiver, simulator } = await startSubscribed({ latencyMs: MINUTE_MS });
    change('name');
    await simulator.flush();
    expect(receiver.deliveries).toEqual([]);
    await simulator.advance(MINUTE_MS);
    expect(receiver.deliveries).toHaveLength(1);
  });

  test('leave by themselves when the clock runs', async () => {
    const { change, receiver } = await startSubscribed({ clock: 'running' });
    change('name');
    await receiver.answered(3);
    expect(receiver.deliveries).toHaveLength(1);
  });

  test('have keys in varying order', async () => {
    const { change, receiver, simulator } = await startSubscribed();
    for (let index = 0; index < 20; index += 1) change('name');
    await simulator.flush();
    expect(new Set(receiver.events().map((event) => Object.keys(event).join())).size).toBeGreaterThan(5);
  });

  test('carry the old signature header and a user agent when told so', async () => {
    const { change, receiver, simulator } = await startSubscribed({
      requestSignature: true,
      userAgent: 'Asana',
    });
    change('name');
    await simulator.flush();
    const headers = receiver.deliveries[0]?.headers;
    expect(headers?.['x-asana-request-signature']).toBe(headers?.['x-hook-signature']);
    expect([headers?.['user-agent'], receiver.handshakes[0]?.headers['user-agent']]).toEqual([
      'Asana',
      'Asana',
    ]);
  });

  test('are told of afterwards, with what they met', async () => {
    const { change, receiver, simulator, webhook } = await startSubscribed();
    change('name');
    await simulator.flush();
    const told = simulator.deliveries(webhook);
    expect(told.map(({ kind }) => kind)).toEqual(['handshake', 'heartbeat', 'events']);
    expect(told[2]).toMatchObject({
      target: receiver.url,
      retry: 0,
      faults: [],
      forged: false,
      answer: { status: 200 },
    });
    expect(told[2]?.body).toBe(receiver.deliveries[0]?.body);
    expect(simulator.deliveries('another')).toEqual([]);
  });
});

describe('heartbeats', () => {
  test('go out at creation and every 8 hours, also where events went meanwhile', async () => {
    const { change, receiver, read, webhook, simulator } = await startSubscribed();
    expect(receiver.heartbeats.map(({ body }) => body)).toEqual(['{"events":[]}']);
    await simulator.advance(8 * HOUR_MS - 1);
    expect(receiver.heartbeats).toHaveLength(1);
    change('name');
    await simulator.advance(1);
    expect(receiver.heartbeats).toHaveLength(2);
    await simulator.advance(16 * HOUR_MS);
    expect(receiver.heartbeats).toHaveLength(4);
    expect((await read(webhook)).last_success_at).toBe(simulator.now().toISOString());
  });

  test('that fail are retried, and starve the webhook in the end', async () => {
    const { call, receiver, simulator, webhook } = await startSubscribed();
    receiver.intercept = answering(500);
    await simulator.advance(8 * HOUR_MS + 5 * MINUTE_MS);
    expect(simulator.deliveries(webhook).map(({ kind, retry }) => [kind, retry])).toEqual([
      ['handshake', 0],
      ['heartbeat', 0],
      ['heartbeat', 0],
      ['heartbeat', 1],
      ['heartbeat', 2],
    ]);
    await simulator.advance(24 * HOUR_MS);
    expect((await call('GET', `/webhooks/${webhook}`)).status).toBe(404);
  });

  test('end the webhook at the third miss when failing counts from the last success', async () => {
    const { call, receiver, simulator, webhook } = await startSubscribed({
      deletionCountsFrom: 'last-success',
    });
    receiver.intercept = answering(500);
    await simulator.advance(24 * HOUR_MS - 1);
    expect((await call('GET', `/webhooks/${webhook}`)).status).toBe(200);
    await simulator.advance(1);
    expect((await call('GET', `/webhooks/${webhook}`)).status).toBe(404);
  });
});

describe('a delivery that fails', () => {
  test('is retried with delays that double up to an hour, and the record tells of it', async () => {
    const { change, inHours, read, receiver, simulator, webhook } = await startSubscribed();
    receiver.intercept = answering(500, 'Could not complete the request');
    const lastSuccess = simulator.now().toISOString();
    change('name');
    await simulator.flush();
    const deadline = inHours(24);
    expect(await read(webhook)).toMatchObject({
      active: true,
      delivery_retry_count: 0,
      last_success_at: lastSuccess,
      last_failure_at: simulator.now().toISOString(),
      last_failure_content: '500 Internal Server Error\n\nCould not complete the request',
      next_attempt_after: inHours(1 / 60),
      failure_deletion_timestamp: deadline,
    });
    const start = simulator.now().getTime();
    await simulator.advance(5 * HOUR_MS);
    const sent = simulator.deliveries(webhook).slice(2);
    const minutes = sent.map(({ sentAt }) => (Date.parse(sentAt) - start) / MINUTE_MS);
    expect(minutes).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
    expect(sent.map(({ retry }) => retry)).toEqual(minutes.map((_, index) => index));
    expect(await read(webhook)).toMatchObject({
      delivery_retry_count: 9,
      failure_deletion_timestamp: deadline,
    });

    receiver.intercept = undefined;
    await simulator.advance(HOUR_MS);
    expect(await read(webhook)).toMatchObject({
      delivery_retry_count: 0,
      last_failure_content: '500 Internal Server Error\n\nCould not complete the request',
      next_attempt_after: null,
      failure_deletion_timestamp: null,
    });
  });

  test.each([
    ['too late', silent, 'No answer within 40 ms.'],
    ['with a redirect', answering(302), '302 Found'],
    ['with another good status', answering(202), '202 Accepted'],
    ['with 410', answering(410), '410 Gone'],
    ['by hanging up', hangUp, 'ECONNRESET'],
  ])('is one answered %s', async (_, intercept, content) => {
    const { change, fields, read, receiver, simulator, webhook } = await startSubscribed({ deadlineMs: 40 });
    receiver.intercept = intercept;
    change('name');
    await simulator.flush();
    expect((await read(webhook)).last_failure_content).toBe(content);
    receiver.intercept = undefined;
    await simulator.advance(MINUTE_MS);
    expect(fields()).toEqual([['name']]);
  });

  test('holds up later events, and its retry carries them along', async () => {
    const { change, fields, receiver, simulator } = await startSubscribed();
    receiver.intercept = answering(500);
    change('name');
    await simulator.flush();
    receiver.intercept = undefined;
    change('due_on');
    await simulator.flush();
    expect(fields()).toEqual([]);
    await simulator.advance(MINUTE_MS);
    expect(fields()).toEqual([['name', 'due_on']]);
  });

  test('is retried byte for byte when told so, and later events follow', async () => {
    const options = { retryCarries: 'same', deliverySize: 'full' } as const;
    const { change, fields, receiver, simulator, webhook } = await startSubscribed(options);
    receiver.intercept = answering(500);
    change('name');
    await simulator.flush();
    receiver.intercept = undefined;
    change('due_on');
    await simulator.advance(MINUTE_MS);
    expect(fields()).toEqual([['name'], ['due_on']]);
    const [, , failed, retried] = simulator.deliveries(webhook);
    expect(retried?.body).toBe(failed?.body);
  });

  test('does not fail its neighbour in flight', async () => {
    const { change, fields, receiver, simulator, read, webhook } = await startSubscribed({
      maxEventsPerDelivery: 1,
    });
    let answered = 0;
    receiver.intercept = (_, response) => {
      answered += 1;
      if (answered === 2) response.writeHead(500).end();
      return answered === 2;
    };
    for (const field of ['a', 'b', 'c']) change(field);
    await simulator.flush();
    expect(fields()).toHaveLength(1);
    expect((await read(webhook)).next_attempt_after).not.toBeNull();
    await simulator.advance(MINUTE_MS);
    expect(fields().flat().sort()).toEqual(['a', 'b', 'c']);
  });

  test('counts as success when told so', async () => {
    const { change, read, receiver, simulator, webhook } = await startSubscribed({
      successStatuses: [200, 204, 202],
    });
    receiver.intercept = answering(202);
    change('name');
    await simulator.flush();
    expect((await read(webhook)).last_failure_at).toBeNull();
  });

  test('with 410 ends the webhook when told so', async () => {
    const { call, change, receiver, simulator, webhook } = await startSubscribed({ deleteOnGone: true });
    receiver.intercept = answering(410);
    change('name');
    await simulator.flush();
    expect((await call('GET', `/webhooks/${webhook}`)).status).toBe(404);
  });

  test('makes the webhook inactive in time, when told so', async () => {
    const options = { inactiveAfterMs: 5 * MINUTE_MS };
    const { call, change, read, receiver, simulator, webhook } = await startSubscribed(options);
    receiver.intercept = answering(500);
    change('name');
    await simulator.advance(HOUR_MS);
    expect((await read(webhook)).active).toBe(false);
    const sent = simulator.deliveries(webhook).length;
    receiver.intercept = undefined;
    change('due_on');
    await simulator.advance(10 * HOUR_MS);
    expect(simulator.deliveries(webhook)).toHaveLength(sent);
    await simulator.advance(14 * HOUR_MS);
    expect((await call('GET', `/webhooks/${webhook}`)).status).toBe(404);
  });
});

describe('a receiver that is down', () => {
  test('for 23 hours gets everything on return', async () => {
    const { change, fields, receiver, simulator } = await startSubscribed();
    receiver.intercept = hangUp;
    const changed = Array.from({ length: 23 }, (_, hour) => `hour ${hour}`);
    for (const field of changed) {
      change(field);
      await simulator.advance(HOUR_MS);
    }
    receiver.intercept = undefined;
    await simulator.advance(HOUR_MS);
    expect(fields().flat()).toEqual(changed);
  });

  test('for 25 hours finds its webhook deleted', async () => {
    const { call, change, receiver, simulator, webhook } = await startSubscribed();
    receiver.intercept = hangUp;
    change('name');
    await simulator.advance(25 * HOUR_MS);
    receiver.intercept = undefined;
    expect((await call('GET', `/webhooks/${webhook}`)).status).toBe(404);
    await simulator.advance(24 * HOUR_MS);
    expect(receiver.deliveries).toEqual([]);
  });
});

function hangUp(request: import('node:http').IncomingMessage): boolean {
  request.socket.destroy();
  return true;
}
