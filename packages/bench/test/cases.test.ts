import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { Place, RunningCase } from '../src/case.js';
import {
  acceptByHand,
  casesHere,
  floorInExpress,
  oneTransaction,
  rulesByHand,
  sqliteByHand,
} from '../src/cases.js';
import { openConnection } from '../src/connection.js';
import { newPlace } from '../src/place.js';
import { newRequests, type Traffic } from '../src/requests.js';

const EVENTS = 10;

const others = [acceptByHand, rulesByHand, floorInExpress, oneTransaction, sqliteByHand];

describe.each([...(await casesHere()), ...others])('$name', (one) => {
  let place: Place | undefined;
  let running: RunningCase | undefined;

  afterEach(async () => {
    const { server } = running ?? {};
    server?.closeAllConnections();
    if (server !== undefined) await once(server.close(), 'close');
    await place?.remove();
  });

  it('takes a delivery that is signed in its way, with all its events, and refuses a forged one', {
    timeout: 20_000,
  }, async () => {
    let events = 0;
    place = await newPlace(one);
    running = await one.start({
      place: place.address,
      hooks: 1,
      secretsPerHook: 1,
      handlers: 1,
      onEvents: (count) => {
        events += count;
      },
    });
    const address = running.server.address();
    if (address === null || typeof address === 'string') throw new TypeError('The case listens on no port');
    const connection = await openConnection(address.port);
    const send = (traffic: Traffic) =>
      connection.send(newRequests({ scheme: one.scheme, traffic, events: EVENTS, hooks: 1 }).next().value);

    expect([200, 204]).toContain(await send('genuine'));
    expect(await send('forged')).toBeOneOf([400, 401]);
    if (one.keeps) {
      expect(await running.kept?.()).toBe(1);
      expect(events).toBe(0);
    } else {
      expect(events).toBe(EVENTS);
    }
    connection.close();
  });
});
