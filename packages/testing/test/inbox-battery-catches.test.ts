import { describe, expect, it } from 'vitest';
import { type InboxCase, inboxBattery } from '../src/inbox-battery.js';
import { createFlawedInbox, type Decisions } from './flawed-inbox.js';

interface Flaw {
  readonly decides: Partial<Decisions>;
  /** Cases made to catch it; others may do so as well. */
  readonly caughtBy: readonly string[];
}

const flaws: Readonly<Record<string, Flaw>> = {
  'keeps a body as text': {
    decides: { keep: (raw) => ({ ...raw, body: Buffer.from(Buffer.from(raw.body).toString()) }) },
    caughtBy: [
      'a body is kept byte for byte: every byte',
      'a body is kept byte for byte: invalid UTF-8',
      'a body is kept byte for byte: a character cut in half',
    ],
  },
  'ends a body at its first NUL': {
    decides: {
      keep: (raw) => ({ ...raw, body: raw.body.slice(0, [...raw.body.slice(0, 99), 0].indexOf(0)) }),
    },
    caughtBy: ['a body is kept byte for byte: one NUL'],
  },
  'keeps the whole buffer that a body is a part of': {
    decides: { keep: (raw) => ({ ...raw, body: new Uint8Array(raw.body.buffer) }) },
    caughtBy: ['a body is kept byte for byte: a part of a larger buffer'],
  },
  'takes a byte order mark away': {
    decides: {
      keep: (raw) => ({ ...raw, body: raw.body[0] === 0xef ? raw.body.slice(3) : raw.body }),
    },
    caughtBy: ['a body is kept byte for byte: a byte order mark'],
  },
  'forgets the trace context': {
    decides: { keep: ({ traceparent: _traceparent, ...raw }) => raw },
    caughtBy: ['a delivery is kept whole: id, hook, time, bytes and trace context'],
  },
  'is never full': {
    decides: { isFull: () => false },
    caughtBy: [
      'a full inbox refuses with inbox_full, loses nothing, and takes deliveries again once there is room',
    ],
  },
  'stays full': {
    decides: {
      isFull: (() => {
        let count = 0;
        return (_waiting: number, bound: number) => count++ >= bound;
      })(),
    },
    caughtBy: [
      'a full inbox refuses with inbox_full, loses nothing, and takes deliveries again once there is room',
    ],
  },
  'takes a hundred thousand events of a delivery, and no more': {
    decides: { take: (events) => events.slice(0, 100_000) },
    caughtBy: ['a delivery of more events than a call may have arguments holds nothing up'],
  },
  'drops no duplicate': {
    decides: { isSeen: () => false },
    caughtBy: [
      'the same delivery again is dropped, event by event, and told',
      'twenty racing copies of a delivery are handled once',
      'of a later delivery, events that were seen are dropped and the others handled',
    ],
  },
  'drops duplicates without a word': {
    decides: { tells: () => false },
    caughtBy: ['the same delivery again is dropped, event by event, and told'],
  },
  'takes the event of another hook for a duplicate': {
    decides: { seenAs: ({ key }) => key },
    caughtBy: ['the same event on two hooks is handled on both'],
  },
  'does not tell capitals in keys': {
    decides: { seenAs: ({ hookId, key }) => `${hookId}\n${key.toLowerCase()}` },
    caughtBy: ['keys that are alike are not taken for one another'],
  },
  'takes keys for numbers': {
    decides: { seenAs: ({ hookId, key }) => `${hookId}\n${Number.isNaN(Number(key)) ? key : Number(key)}` },
    caughtBy: ['keys that are alike are not taken for one another'],
  },
  'notes an event as seen when it is handled': {
    decides: { seenWhen: () => 'handled' },
    caughtBy: [
      'an event that is being handled, or waits for its next try, is seen already',
      'twenty racing copies of a delivery are handled once',
    ],
  },
  'knows for good what it has seen': {
    decides: { isSeen: (since) => since !== undefined },
    caughtBy: ['an event is known as seen for seven days, and no longer'],
  },
  'forgets after six days what it has seen': {
    decides: { isSeen: (since, now) => since !== undefined && now < since + 6 * 86_400_000 },
    caughtBy: ['an event is known as seen for seven days, and no longer'],
  },
  'drops what is unreadable': {
    decides: { parks: () => false },
    caughtBy: ['an unreadable delivery is parked, and keeps no other waiting'],
  },
  'drops an event that failed, which it has seen': {
    decides: { drops: () => true },
    caughtBy: ['an event that failed is tried again until it succeeds, and its neighbours are not'],
  },
  'repeats the neighbours of an event that failed': {
    decides: { repeats: ({ event }, all) => all.filter((one) => one.key !== event.key) },
    caughtBy: ['an event that failed is tried again until it succeeds, and its neighbours are not'],
  },
  'does not count the tries': {
    decides: { attempt: () => 1 },
    caughtBy: [
      'an event that failed is tried again until it succeeds, and its neighbours are not',
      'a stop does not count the failed tries of before as forgotten',
    ],
  },
  'counts the tries from 0': {
    decides: { attempt: ({ failures }) => failures },
    caughtBy: ['an event that failed is tried again until it succeeds, and its neighbours are not'],
  },
  'tries again at once': {
    decides: { delay: () => 0 },
    caughtBy: [
      'a try waits for half of its backoff at least and for all of it at most, which doubles each time',
    ],
  },
  'waits as long each time': {
    decides: { delay: (backoffMs) => backoffMs / 2 },
    caughtBy: [
      'a try waits for half of its backoff at least and for all of it at most, which doubles each time',
    ],
  },
  'waits for twice the backoff': {
    decides: { delay: (backoffMs, failures) => backoffMs * 2 ** failures },
    caughtBy: [
      'a try waits for half of its backoff at least and for all of it at most, which doubles each time',
    ],
  },
  'tries once more than it is told': {
    decides: { isLast: ({ failures }, attempts) => failures > attempts },
    caughtBy: [
      'an event is given up after its last try, and kept with the reason, not the message',
      'an event with one attempt is given up at its first failure, whatever it failed with',
    ],
  },
  "keeps an error's message": {
    decides: { reason: (_described, error) => String(error) },
    caughtBy: ['an event is given up after its last try, and kept with the reason, not the message'],
  },
  'goes on counting when a failed event is retried': {
    decides: { anew: ({ failures }) => failures },
    caughtBy: ['a failed event that is retried has all its attempts anew'],
  },
  'takes a failed event that is retried for a duplicate': {
    decides: { retriesSeen: () => false },
    caughtBy: ['a failed event that is retried has all its attempts anew'],
  },
  'forgets that it has seen what is discarded': {
    decides: { leavesSeen: () => false },
    caughtBy: ['a failed event that is discarded is gone'],
  },
  'keeps no order': {
    decides: { mayBegin: () => true },
    caughtBy: [
      'events of a lane, where an inbox keeps order, are handled one at a time',
      'a failing event, where an inbox keeps order, holds those behind it until it succeeds',
    ],
  },
  'keeps order but begins with the last': {
    decides: { mayBegin: () => true, pick: (due) => due.at(-1) },
    caughtBy: ['events of a lane, where an inbox keeps order, are handled in the order of acceptance'],
  },
  'lets a lane overtake an event that waits for its next try': {
    decides: { mayBegin: (_one, before) => before.every(({ failures }) => failures > 0) },
    caughtBy: ['a failing event, where an inbox keeps order, holds those behind it until it succeeds'],
  },
  'has the lanes of one hook hold up those of another': {
    decides: { laneOf: ({ lane }) => lane },
    caughtBy: ['a lane is held up by no other lane, and by no other hook'],
  },
  'has one lane for each hook': {
    decides: { laneOf: ({ hookId }) => hookId },
    caughtBy: [
      'a lane is held up by no other lane, and by no other hook',
      'many events that fail do not keep others from being handled',
    ],
  },
  'holds a lane for as long as its first event fails': {
    decides: { holdsLaneUntil: () => Number.POSITIVE_INFINITY },
    caughtBy: ['a failing event, where an inbox keeps order, holds its lane for fifteen minutes at most'],
  },
  'gives an event up after a minute for its lane': {
    decides: { holdsLaneUntil: (since) => since + 60_000 },
    caughtBy: [
      'a failing event, where an inbox keeps order, is not given up for its lane before fifteen minutes',
    ],
  },
  'handles more at once than it is told': {
    decides: { hasRoom: ({ stopping, running, work }) => !stopping && running.size <= work.concurrency },
    caughtBy: ['a worker handles as many events at once as it is told, and no more'],
  },
  'handles one at a time': {
    decides: { hasRoom: ({ stopping, running }) => !stopping && running.size < 1 },
    caughtBy: ['a worker handles as many events at once as it is told, and no more'],
  },
  'gives one event to several workers': {
    decides: { isHeld: ({ holder }, by) => holder?.handle === by.handle },
    caughtBy: ['an event that one worker handles is handled by no other meanwhile'],
  },
  'does not wait when it stops': {
    decides: { waitMs: () => 0 },
    caughtBy: ['a worker that stops waits for what is running, which is then done'],
  },
  'does not wait when it stops, and does not abort': {
    decides: { waitMs: () => 0, aborts: () => false },
    caughtBy: ['a worker that stops waits for what is running, which is then done'],
  },
  'takes on new events while it stops': {
    decides: { hasRoom: ({ running, work }) => running.size < work.concurrency },
    caughtBy: ['a worker that stops takes on nothing new, though it has room'],
  },
  'does not abort what it leaves': {
    decides: { aborts: () => false },
    caughtBy: ['a stop that has waited long enough aborts what runs, which is no failed try and comes again'],
  },
  'counts an abort as a failed try': {
    decides: { releases: (one) => void one.failures++ },
    caughtBy: [
      'a stop that has waited long enough aborts what runs, which is no failed try and comes again',
      'a stop waits for no handler that ignores its signal, and how that one ends changes nothing',
    ],
  },
  'forgets the failed tries when it stops': {
    decides: {
      releases: (one) => {
        one.failures = 0;
      },
    },
    caughtBy: ['a stop does not count the failed tries of before as forgotten'],
  },
  'has what ends after a stop count': {
    decides: { lateEnd: () => 'counts' },
    caughtBy: ['a stop waits for no handler that ignores its signal, and how that one ends changes nothing'],
  },
  'loses what a worker handled when it died': {
    decides: { survives: () => false },
    caughtBy: ['an event that was handled when its worker died comes again, and that is no failed try'],
  },
  'counts the death of a worker as a failed try': {
    decides: { crashed: (one) => void one.failures++ },
    caughtBy: ['an event that was handled when its worker died comes again, and that is no failed try'],
  },
  'has a deadly event kill workers for ever': {
    decides: { isDeadly: () => false },
    caughtBy: ['an event during which its worker died 5 times is given up'],
  },
  'does not say that workers died over an event': {
    decides: { reason: (described, error) => (error === undefined ? 'unknown' : described) },
    caughtBy: ['an event during which its worker died 5 times is given up'],
  },
  'forgets a hook but for what waits': {
    decides: { forgets: (what) => what !== 'waiting' },
    caughtBy: ['to forget a hook drops all that is held of it, and of no other'],
  },
  'forgets a hook but for what is unreadable': {
    decides: { forgets: (what) => what !== 'parked' },
    caughtBy: ['to forget a hook drops all that is held of it, and of no other'],
  },
  'forgets a hook but for what it has seen': {
    decides: { forgets: (what) => what !== 'seen' },
    caughtBy: ['to forget a hook drops all that is held of it, and of no other'],
  },
  'forgets a hook but for what failed': {
    decides: { forgets: (what) => what !== 'failed' },
    caughtBy: ['to forget a hook drops its failed events'],
  },
  'forgets a hook but for what fails meanwhile': {
    decides: { buries: () => true },
    caughtBy: ['what is handled while its hook is forgotten is not among the failed'],
  },
  'forgets all hooks that begin alike': {
    decides: { isOf: (name, hookId) => name.startsWith(hookId) },
    caughtBy: ['to forget a hook drops all that is held of it, and of no other'],
  },
  'counts pages by what is before them': {
    decides: { pageFrom: (_ids, after) => Number(after), nextOf: (_last, end) => String(end) },
    caughtBy: ['paging skips nothing when what was listed is dealt with meanwhile'],
  },
  'skips an item between pages': {
    decides: { nextOf: (last) => String(Number(last) + 1) },
    caughtBy: [
      'failed events are listed page by page, oldest first',
      'parked deliveries are listed page by page',
      'more than a hundred failed events take more than one page',
    ],
  },
  'lists the newest first': {
    decides: { sort: (items) => items.toReversed(), pageFrom: (ids, after) => ids.indexOf(after) + 1 },
    caughtBy: ['failed events are listed page by page, oldest first'],
  },
  'lists as many as it is asked for': {
    decides: { takesLimit: () => true },
    caughtBy: ['a page of no or too many items, or after what is no page, is refused'],
  },
  'lists nothing after what is no page': {
    decides: { takesAfter: () => true },
    caughtBy: ['a page of no or too many items, or after what is no page, is refused'],
  },
  'lists all at once': {
    decides: { most: () => 1_000_000 },
    caughtBy: [
      'failed events are listed page by page, oldest first',
      'more than a hundred failed events take more than one page',
    ],
  },
  'takes what waits for its next try for old': {
    decides: { oldest: (_dueAts) => [0] },
    caughtBy: [
      'the age of the oldest is of what is due, not of what waits for its next try',
      'what is retried waits since then, and not since it came',
    ],
  },
};

/** A flaw shows at once, or never. */
const PATIENCE_MS = 300;

const run = (one: InboxCase, flaw: Partial<Decisions>, patienceMs?: number): Promise<void> =>
  one.run({
    create: () => createFlawedInbox(flaw),
    createBounded: (deliveries) => createFlawedInbox(flaw, deliveries),
    patienceMs,
  });

describe('inboxBattery', () => {
  it.each(inboxBattery)('passes the inbox that the flaws are put into: $title', (one) => run(one, {}));

  describe.each(Object.entries(flaws))('catches an inbox that %s', (_name, { decides, caughtBy }) => {
    it.each(caughtBy)('%s', async (title) => {
      const one = inboxBattery.find((other) => other.title === title);
      expect(one, 'there is such a case').toBeDefined();
      await expect(one && run(one, decides, PATIENCE_MS)).rejects.toThrow();
    });
  });
});
