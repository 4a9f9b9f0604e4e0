import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { type Inbox, isHookshakeError, type Page, type PageOptions } from '@hookshake/core';
import { append, many, rawDelivery } from './deliveries.js';
import { type InboxCase, inboxCase } from './subject.js';

/** All items, page by page. */
async function pageThrough<Item>(
  list: (page: PageOptions) => Promise<Page<Item>>,
  limit: number,
  between: (page: readonly Item[]) => Promise<void> = async () => {},
): Promise<readonly (readonly Item[])[]> {
  const pages: (readonly Item[])[] = [];
  let after: string | undefined;
  do {
    const { items, next } = await list(after === undefined ? { limit } : { limit, after });
    pages.push(items);
    await between(items);
    ok(next === undefined || next !== after, 'a page is not followed by itself');
    after = next;
  } while (after !== undefined);
  return pages;
}

const listFailed = (inbox: Inbox) => (page: PageOptions) => inbox.failed(page);
const listParked = (inbox: Inbox) => (page: PageOptions) => inbox.parked(page);

/** Cases about what an operator sees and does. */
export const listingCases: readonly InboxCase[] = [
  inboxCase('failed events are listed page by page, oldest first', async (bench) => {
    const keys = many(7);
    const worker = await bench.consume(bench.inbox, { attempts: 1, handle: () => 'fail' });
    for (const [count, key] of keys.entries()) {
      await append(bench.inbox, 'bugs', key);
      await worker.until(`'${key}' is given up`, () => worker.givenUp.length === count + 1);
      await bench.pass(1_000);
    }
    const pages = await pageThrough(listFailed(bench.second), 3);
    deepEqual(
      pages.map((page) => page.map(({ key }) => key)),
      [keys.slice(0, 3), keys.slice(3, 6), keys.slice(6)],
    );
    const whole = await bench.inbox.failed();
    deepEqual([whole.items.map(({ key }) => key), whole.next], [keys, undefined]);
    equal(new Set(whole.items.map(({ id }) => id)).size, 7);
  }),

  inboxCase('paging skips nothing when what was listed is dealt with meanwhile', async (bench) => {
    const keys = many(9);
    const worker = await bench.consume(bench.inbox, { attempts: 1, handle: () => 'fail' });
    for (const [count, key] of keys.entries()) {
      await append(bench.inbox, 'bugs', key);
      await worker.until(`'${key}' is given up`, () => worker.givenUp.length === count + 1);
    }
    const pages = await pageThrough(listFailed(bench.inbox), 2, async (items) => {
      for (const { id } of items) await bench.inbox.discard(id);
    });
    deepEqual(
      pages
        .flat()
        .map(({ key }) => key)
        .sort(),
      keys,
    );
    equal((await bench.inbox.stats()).failed, 0);
  }),

  inboxCase('more than a hundred failed events take more than one page', async (bench) => {
    const keys = many(120);
    const worker = await bench.consume(bench.inbox, { attempts: 1, handle: () => 'fail' });
    await append(bench.inbox, 'bugs', ...keys);
    await worker.until('all are given up', () => worker.givenUp.length === keys.length);
    const first = await bench.inbox.failed();
    equal(first.items.length, 100);
    const pages = await pageThrough(listFailed(bench.inbox), 100);
    deepEqual(
      pages
        .flat()
        .map(({ key }) => key)
        .sort(),
      [...keys].sort(),
    );
  }),

  inboxCase('parked deliveries are listed page by page', async (bench) => {
    const worker = await bench.consume(bench.inbox);
    for (let count = 0; count < 5; count++) {
      await bench.inbox.append(rawDelivery('bugs', Uint8Array.of(count)));
      await worker.until('it is split', () => worker.splits.length > count);
      await bench.idle(bench.inbox);
    }
    const pages = await pageThrough(listParked(bench.second), 2);
    deepEqual(
      pages.map((page) => page.map(({ body }) => body[0])),
      [[0, 1], [2, 3], [4]],
    );
  }),

  inboxCase('a page of no or too many items, or after what is no page, is refused', async ({ inbox }) => {
    const refused = (error: unknown) => isHookshakeError(error, 'invalid_option');
    for (const list of [listFailed(inbox), listParked(inbox)]) {
      for (const limit of [0, -1, 1.5, 101, Number.NaN]) {
        await rejects(list({ limit }), refused, `a limit of ${limit}`);
      }
      for (const after of ['', 'no-such-page', '-1', "1' OR '1", '%']) {
        await rejects(list({ after }), refused, `after '${after}'`);
      }
    }
  }),

  inboxCase('an empty inbox lists nothing and counts nothing', async ({ inbox }) => {
    deepEqual({ ...(await inbox.failed()) }, { items: [], next: undefined });
    deepEqual({ ...(await inbox.parked()) }, { items: [], next: undefined });
    deepEqual({ ...(await inbox.stats()) }, { waiting: 0, running: 0, failed: 0, parked: 0, oldestAgeMs: 0 });
  }),

  inboxCase('the figures tell what waits, runs, has failed and is parked', async (bench) => {
    const worker = await bench.consume(bench.inbox, {
      attempts: 2,
      backoffMs: 600_000,
      concurrency: 2,
      handle: ({ event, attempt }) =>
        event.key.startsWith('slow') ? 'wait' : attempt > 2 ? 'succeed' : 'fail',
    });
    await bench.inbox.append(rawDelivery('bugs', Uint8Array.of(0)));
    await append(bench.inbox, 'bugs', 'failing');
    await worker.until('one has failed', () => worker.callsFor('failing')[0]?.result === 'failed');
    await append(bench.inbox, 'bugs', 'slow-1', 'slow-2');
    await worker.call('slow-1');
    await worker.call('slow-2');
    await append(bench.inbox, 'bugs', 'behind');
    await bench.figures(bench.second, { waiting: 2, running: 2, failed: 0, parked: 1 });
    for (const { succeed } of worker.calls) succeed();
  }),

  inboxCase(
    'the age of the oldest is of what is due, not of what waits for its next try',
    async (bench) => {
      const worker = await bench.consume(bench.inbox, { backoffMs: 3_600_000, handle: () => 'fail' });
      await append(bench.inbox, 'bugs', 'failing');
      await worker.until('it has failed', () => worker.callsFor('failing')[0]?.result === 'failed');
      await bench.noted();
      await worker.stop(1_000);
      await bench.pass(120_000);
      const before = (await bench.inbox.stats()).oldestAgeMs;
      ok(before < 30_000, `nothing is due, yet the oldest is ${before} ms old`);
      await append(bench.inbox, 'bugs', 'fresh');
      await bench.pass(90_000);
      const { oldestAgeMs } = await bench.inbox.stats();
      ok(oldestAgeMs >= 90_000 && oldestAgeMs < 120_000, `${oldestAgeMs} ms`);
    },
    'advance',
  ),

  inboxCase(
    'what is retried waits since then, and not since it came',
    async (bench) => {
      const worker = await bench.consume(bench.inbox, { attempts: 1, handle: () => 'fail' });
      await bench.inbox.append(rawDelivery('bugs', Uint8Array.of(0)));
      await append(bench.inbox, 'bugs', 'failing');
      await worker.until('it is given up', () => worker.givenUp.length === 1);
      await bench.idle(bench.inbox);
      await worker.stop(1_000);
      await bench.pass(120_000);
      const put = [...(await bench.inbox.failed()).items, ...(await bench.inbox.parked()).items];
      for (const { id } of put) {
        await bench.second.retry(id);
        const { oldestAgeMs } = await bench.inbox.stats();
        ok(oldestAgeMs < 60_000, `${oldestAgeMs} ms`);
      }
      equal((await bench.inbox.stats()).waiting, 2);
    },
    'advance',
  ),

  inboxCase('to forget a hook drops all that is held of it, and of no other', async (bench) => {
    const hooks = ['bugs', 'bugs/a', 'bug'];
    const worker = await bench.consume(bench.inbox, {
      attempts: 2,
      backoffMs: 600_000,
      handle: ({ event }) => (event.key === 'failing' ? 'fail' : 'succeed'),
    });
    for (const hook of hooks) {
      await bench.inbox.append(rawDelivery(hook, Uint8Array.of(0)));
      await append(bench.inbox, hook, 'done', 'failing');
    }
    await worker.until('all have been tried', () => worker.calls.filter(({ result }) => result).length === 6);
    await bench.noted();
    await worker.stop(1_000);
    for (const hook of hooks) await append(bench.inbox, hook, 'waiting');

    await bench.second.forget('bugs');
    deepEqual((await bench.inbox.parked()).items.map(({ hookId }) => hookId).sort(), ['bug', 'bugs/a']);
    equal((await bench.inbox.stats()).waiting, 4);

    const next = await bench.consume(bench.inbox);
    await append(bench.inbox, 'bugs', 'done');
    await append(bench.inbox, 'bug', 'done', 'marker');
    await next.call('marker');
    await next.until('all that waited is handled', () => next.callsFor('waiting').length === 2);
    await next.call('done');
    deepEqual(
      next.calls.filter(({ event }) => event.hookId === 'bugs').map(({ event }) => event.key),
      ['done'],
      'nothing of before is handled, and nothing of it is known as seen',
    );
    equal(next.callsFor('done').length, 1, 'other hooks know what they have seen');
  }),

  inboxCase('to forget a hook drops its failed events', async (bench) => {
    const worker = await bench.consume(bench.inbox, { attempts: 1, handle: () => 'fail' });
    await append(bench.inbox, 'bugs', 'a');
    await append(bench.inbox, 'other', 'a');
    await worker.until('both are given up', () => worker.givenUp.length === 2);
    await bench.inbox.forget('bugs');
    deepEqual(
      (await bench.second.failed()).items.map(({ hookId }) => hookId),
      ['other'],
    );
  }),

  inboxCase('what is handled while its hook is forgotten is not among the failed', async (bench) => {
    const worker = await bench.consume(bench.inbox, { attempts: 1, handle: () => 'wait' });
    await append(bench.inbox, 'bugs', 'forgotten');
    await append(bench.inbox, 'other', 'kept');
    const calls = [await worker.call('forgotten'), await worker.call('kept')];
    await bench.second.forget('bugs');
    for (const { fail } of calls) fail();
    await worker.until('the other is given up', () => worker.givenUp.length > 0);
    await bench.idle(bench.inbox);
    const { items } = await bench.second.failed();
    deepEqual(
      [items.map(({ key }) => key), worker.givenUp.map(({ event }) => event.key)],
      [['kept'], ['kept']],
    );
    equal((await bench.inbox.stats()).failed, 1);
  }),
];
