import { type Inbox, memorySecrets } from '@hookshake/core';
import { describe, expect, it } from 'vitest';
import { type HandlerCase, handlerBattery } from '../src/handler-battery.js';
import { createFlawedInbox, type Decisions } from './flawed-inbox.js';

interface Flaw {
  readonly open: () => Inbox;
  /** A case made to catch it; others may do so as well. */
  readonly caughtBy: string;
}

const decidesBy = (flaw: Partial<Decisions>) => () => createFlawedInbox(flaw).inbox;

const flaws: Readonly<Record<string, Flaw>> = {
  'drops no event that is repeated': {
    open: decidesBy({ isSeen: () => false }),
    caughtBy: 'get each event once, however often it is delivered',
  },
  'has each event handled twice': {
    open() {
      const { inbox } = createFlawedInbox({});
      return {
        ...inbox,
        consume: (work) =>
          inbox.consume({
            ...work,
            async handle(event, attempt) {
              await work.handle(event, attempt);
              await work.handle(event, attempt);
            },
          }),
      };
    },
    caughtBy: 'run in order of registration, and may be asynchronous',
  },
  'keeps bodies as ASCII': {
    open: decidesBy({
      keep: (raw) => ({ ...raw, body: raw.body.map((byte) => (byte < 0x80 ? byte : 0x3f)) }),
    }),
    caughtBy: 'get the event whole, and the context that goes with it',
  },
  'counts the tries from 0': {
    open: decidesBy({ attempt: ({ failures }) => failures }),
    caughtBy: 'get the event whole, and the context that goes with it',
  },
  'drops a delivery without events': {
    open: decidesBy({
      keep: (raw) => (raw.body.length > 20 ? raw : { ...raw, body: new Uint8Array() }),
      parks: () => false,
    }),
    caughtBy: 'hear of heartbeats and of lost events, too',
  },
};

const run = (one: HandlerCase, open: () => Inbox): Promise<void> =>
  one.run(() => ({ secrets: memorySecrets(), inbox: open() }));

describe('handlerBattery', () => {
  it.each(handlerBattery)('passes the inbox that the flaws are put into: handlers $title', (one) =>
    run(one, decidesBy({})),
  );

  it.each(Object.entries(flaws))('catches an inbox that %s', async (_name, { open, caughtBy }) => {
    const one = handlerBattery.find(({ title }) => title === caughtBy);
    expect(one, 'there is such a case').toBeDefined();
    await expect(one && run(one, open)).rejects.toThrow();
  });
});
