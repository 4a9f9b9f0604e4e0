import { describe, expect, it } from 'vitest';
import { secretStoreBattery } from '../src/secret-store-battery.js';
import { createFlawedStore, type Decisions } from './flawed-secret-store.js';

interface Flaw {
  readonly decides: Partial<Decisions>;
  /** Cases made to catch it; others may do so as well. */
  readonly caughtBy: readonly string[];
}

/** The titles of the cases that a store with this flaw does not pass. */
async function caught(flaw: Partial<Decisions>): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const { title, run } of secretStoreBattery) {
    try {
      await run({ create: () => createFlawedStore(flaw) });
    } catch {
      failed.push(title);
    }
  }
  return failed;
}

const flaws: Readonly<Record<string, Flaw>> = {
  'accepts in two steps': {
    decides: { pauseIn: (operation) => operation === 'accept' },
    caughtBy: [
      'of twenty racing handshakes a window takes exactly one',
      'of twenty racing handshakes exactly one is the first of its hook',
      'twenty racing handshakes do not overfill a hook',
      'of twenty racing handshakes with one secret one is stored and the rest known',
      'a window that is cancelled while handshakes race leaves nothing behind',
    ],
  },
  'opens in two steps': {
    decides: { pauseIn: (operation) => operation === 'open' },
    caughtBy: ['of twenty racing windows exactly one opens'],
  },
  'settles in two steps': {
    decides: { pauseIn: (operation) => operation === 'settle' },
    caughtBy: [
      'of twenty racing confirmations exactly one confirms',
      'of racing right and wrong confirmations the first one decides',
    ],
  },
  'evicts the oldest secret': {
    decides: { whenFull: (held) => held.slice(1) },
    caughtBy: ['a hook holds sixteen secrets, and the seventeenth evicts none'],
  },
  'holds one secret too few': {
    decides: { isFull: (held) => held.length >= 15 },
    caughtBy: ['a hook holds sixteen secrets, and the seventeenth evicts none'],
  },
  'does not count pending secrets': {
    decides: { isFull: (held) => held.filter((one) => !one.pending).length >= 16 },
    caughtBy: ['pending secrets count among the sixteen until they are forgotten'],
  },
  'closes the window of a full hook': {
    decides: { onFull: ({ entries }) => ({ entries }) },
    caughtBy: ['a full hook leaves its window open'],
  },
  'leaves a window open one millisecond too long': {
    decides: { isOver: (expiresAt, now) => expiresAt < now },
    caughtBy: [
      'a window is closed at the millisecond its time is over',
      'an expired window leaves no trace on a handshake it did not take',
    ],
  },
  'closes a window one millisecond too early': {
    decides: { isOver: (expiresAt, now) => expiresAt <= now + 1 },
    caughtBy: [
      'a window takes a handshake just before its time is over',
      'a window blocks the next one to its last millisecond, and no longer',
    ],
  },
  'never closes a window by itself': {
    decides: { isOver: () => false },
    caughtBy: ['a window is closed at the millisecond its time is over'],
  },
  'leaves the window open after a handshake': {
    decides: { afterAccept: (window) => window },
    caughtBy: [
      'a window takes one handshake and is closed by it',
      'a window that confirms is closed by the handshake it takes',
    ],
  },
  'opens a second window over the first': {
    decides: { mayReopen: () => true },
    caughtBy: ['a second window is refused while one is open, and changes nothing'],
  },
  'takes no window where none is needed': {
    decides: { takesWindow: (when) => when === 'window' },
    caughtBy: ['an open window is taken first, whatever else would allow the handshake'],
  },
  'takes every handshake': {
    decides: { isAllowed: () => true },
    caughtBy: ['without a window a handshake is refused, and nothing of it stays'],
  },
  'keeps what it refused': {
    decides: { onRefused: (row, refused) => ({ ...row, entries: [...row.entries, refused] }) },
    caughtBy: ['without a window a handshake is refused, and nothing of it stays'],
  },
  'takes absent for always': {
    decides: { isAllowed: (when, window) => window !== undefined || when !== 'window' },
    caughtBy: ['under absent the first handshake is stored and the second refused'],
  },
  'looks past pending secrets under absent': {
    decides: {
      isAllowed: (when, window, held) =>
        window !== undefined || when === 'always' || (when === 'absent' && held.every((one) => one.pending)),
    },
    caughtBy: ['under absent a pending secret counts until it is forgotten'],
  },
  'closes the window for a known secret': {
    decides: { onKnown: ({ entries }) => ({ entries }) },
    caughtBy: ['a known secret closes no window'],
  },
  'confirms a secret that comes twice': {
    decides: {
      onKnown: (row, known) => ({
        ...row,
        entries: row.entries.map((one) => (one === known ? { ...one, pending: undefined } : one)),
      }),
    },
    caughtBy: ['a known secret that is pending stays so, and lives no longer'],
  },
  'never forgets a pending secret': {
    decides: { isDead: () => false },
    caughtBy: [
      'a pending secret is found no more when ten minutes are over',
      'a pending secret is confirmed no more when ten minutes are over',
      'a pending secret is known no more when ten minutes are over',
    ],
  },
  'forgets a pending secret one millisecond too late': {
    decides: { isDead: ({ expiresAt }, now) => expiresAt < now },
    caughtBy: ['a pending secret is found no more when ten minutes are over'],
  },
  'forgets a pending secret one millisecond too early': {
    decides: { isDead: ({ expiresAt }, now) => expiresAt <= now + 1 },
    caughtBy: ['a pending secret can be confirmed until ten minutes are over'],
  },
  'counts the ten minutes from the window': {
    decides: { pendingFrom: (window) => window.expiresAt + 480_000 },
    caughtBy: ['the ten minutes begin with the handshake, not with the window'],
  },
  'lets a pending secret die with its window': {
    decides: { pendingFrom: (window) => window.expiresAt },
    caughtBy: ['a pending secret outlives the time of its window'],
  },
  'forgets all others at confirming': {
    decides: { afterConfirm: (_others, confirmed) => [confirmed] },
    caughtBy: ['settling touches no other secret of the hook'],
  },
  'forgets all at a mismatch': {
    decides: { afterMismatch: () => [] },
    caughtBy: ['settling touches no other secret of the hook'],
  },
  'forgets all pending secrets at a mismatch': {
    decides: {
      afterMismatch: (others) => others.filter((one) => !one.pending),
    },
    caughtBy: ['settling touches no other secret of the hook'],
  },
  'keeps the pending secret at a mismatch': {
    decides: {
      afterMismatch: (others, pending, secret) => (secret === null ? others : [...others, pending]),
    },
    caughtBy: ['another secret than the pending one is a mismatch, which forgets the pending one'],
  },
  'keeps the pending secret at a cancel': {
    decides: {
      afterMismatch: (others, pending, secret) => (secret === null ? [...others, pending] : others),
    },
    caughtBy: ['null forgets the pending secret'],
  },
  'settles any pending secret of the hook': {
    decides: { isOwn: (entry) => entry.pending !== undefined },
    caughtBy: [
      "a window is settled under its own hook only, by its own hook's secret",
      'settling an unknown window changes nothing',
    ],
  },
  'closes any window at settling': {
    decides: { closedBySettle: () => true },
    caughtBy: ['settling a window of the past leaves the open one open'],
  },
  'closes no window at settling': {
    decides: { closedBySettle: () => false },
    caughtBy: ['settling closes a window that has taken nothing'],
  },
  'forgets the webhook of a secret': {
    decides: { labelOf: () => undefined },
    caughtBy: ['a confirmed secret is kept with its webhook, and for good'],
  },
  'keeps the gid of a webhook as a number': {
    decides: {
      labelOf: (webhook) => (webhook === undefined ? undefined : String(Number(webhook))),
    },
    caughtBy: ["a webhook's gid is text, however long a number it looks like"],
  },
  'forgets a webhook by the beginning of its gid': {
    decides: {
      isWebhook: (entry, webhook) => entry.webhook?.startsWith(webhook) === true,
    },
    caughtBy: ['the secret of one webhook can be forgotten'],
  },
  'forgets unlabelled secrets with any webhook': {
    decides: {
      isWebhook: (entry, webhook) => entry.webhook === undefined || entry.webhook === webhook,
    },
    caughtBy: ['the secret of one webhook can be forgotten'],
  },
  'leaves the window of a forgotten hook open': {
    decides: { afterForget: ({ window }, entries) => ({ window, entries }) },
    caughtBy: ['a forgotten hook has no window'],
  },
  'closes the window when one secret is forgotten': {
    decides: { afterForget: (_row, entries) => ({ entries }) },
    caughtBy: ['forgetting one secret leaves the window open'],
  },
  'does not tell capitals in hook ids': {
    decides: { nameOf: (hookId) => hookId.toLowerCase() },
    caughtBy: [
      'every legal hook id names a hook of its own: its secrets',
      'every legal hook id names a hook of its own: its window',
      'every legal hook id names a hook of its own: what is forgotten',
    ],
  },
  'takes the first part of a hook id for the whole': {
    decides: { nameOf: (hookId) => hookId.split('/')[0] ?? '' },
    caughtBy: ['every legal hook id names a hook of its own: its secrets'],
  },
  'cuts hook ids at 191 characters': {
    decides: { nameOf: (hookId) => hookId.slice(0, 191) },
    caughtBy: ['every legal hook id names a hook of its own: its secrets'],
  },
  'does not tell capitals in secrets': {
    decides: { same: (a, b) => a.toLowerCase() === b.toLowerCase() },
    caughtBy: [
      'secrets that look alike are different secrets of one hook',
      'a prefix, an extension or the other case of the pending secret is a mismatch',
    ],
  },
  'keeps the first of several secrets joined by commas': {
    decides: { write: (secret) => secret.split(',')[0] ?? '' },
    caughtBy: ['every legal secret is kept and found exactly as it came'],
  },
  'cuts secrets at 256 characters': {
    decides: { write: (secret) => secret.slice(0, 256) },
    caughtBy: ['texts of up to 512 characters are kept, so that a store can hold encrypted ones'],
  },
  'replaces by a pattern': {
    decides: { write: (secret) => 'x'.replace('x', secret) },
    caughtBy: ['every legal secret is kept and found exactly as it came'],
  },
};

describe('secretStoreBattery', () => {
  it('passes the store that the flaws are put into', async () => {
    expect(await caught({})).toEqual([]);
  });

  it.each(Object.entries(flaws))('catches a store that %s', async (_name, { decides, caughtBy }) => {
    expect(await caught(decides)).toEqual(expect.arrayContaining([...caughtBy]));
  });
});
