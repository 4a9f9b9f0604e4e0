import { memoryInbox } from '@hookshake/core';
import { describe, expect, test } from 'vitest';
import { type InboxSubject, inboxBattery } from '../src/inbox-battery.js';

test('no two cases of the battery have the same title', () => {
  const titles = inboxBattery.map(({ title }) => title);
  expect(new Set(titles).size).toBe(titles.length);
});

const subject: InboxSubject = {
  create() {
    let now = 0;
    const inbox = memoryInbox({ now: () => now });
    return {
      inbox,
      advance(ms) {
        now += ms;
        inbox.wake();
      },
    };
  },
  createBounded: (deliveries) => ({ inbox: memoryInbox({ maxWaiting: deliveries }) }),
};

describe('memoryInbox()', () => {
  // All of it is gone with its process.
  for (const { title, run } of inboxBattery.filter(({ needs }) => needs !== 'crash')) {
    test(title, () => run(subject));
  }

  test.each(inboxBattery.filter(({ needs }) => needs !== undefined))(
    'a case says what its subject lacks: $title',
    async ({ needs, run }) => {
      await expect(run({ create: () => ({ inbox: memoryInbox() }) })).rejects.toThrow(`needs \`${needs}\``);
    },
  );
});
