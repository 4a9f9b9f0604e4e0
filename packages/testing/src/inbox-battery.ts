import { acceptingCases } from './inbox-battery/accepting.js';
import { listingCases } from './inbox-battery/listing.js';
import { orderingCases } from './inbox-battery/ordering.js';
import { splittingCases } from './inbox-battery/splitting.js';
import type { InboxCase } from './inbox-battery/subject.js';
import { tryingCases } from './inbox-battery/trying.js';
import { workingCases } from './inbox-battery/working.js';

export type { InboxCase, InboxNeed, InboxSetup, InboxSubject } from './inbox-battery/subject.js';

/**
 * What every `Inbox` must do, as data, so that any test runner can run it. Cases about order are passed by an inbox that
 * promises none. Cases that need something your inbox cannot have, such as a moved clock, are left out by their `needs`.
 *
 * @example
 * ```ts
 * for (const { title, run } of inboxBattery.filter(({ needs }) => needs !== 'crash')) {
 *   test(title, () =>
 *     run({
 *       create() {
 *         let now = 0;
 *         const inbox = memoryInbox({ now: () => now });
 *         return {
 *           inbox,
 *           advance(ms) {
 *             now += ms;
 *             inbox.wake();
 *           },
 *         };
 *       },
 *       createBounded: (deliveries) => ({ inbox: memoryInbox({ maxWaiting: deliveries }) }),
 *     }),
 *   );
 * }
 * ```
 * @see docs/inboxes.md
 */
export const inboxBattery: readonly InboxCase[] = [
  ...acceptingCases,
  ...splittingCases,
  ...tryingCases,
  ...orderingCases,
  ...workingCases,
  ...listingCases,
];
