import { HookshakeError, type Page, type PageOptions, pageLimit } from '@hookshake/core';
import type { Job, Queue } from 'bullmq';
import type { Client } from './connection.js';
import { isJobId } from './queues.js';
import { createScript } from './script.js';

/**
 * KEYS: a sorted set. ARGV: how many, and the score and id to go on after, which may be there no more. Ids are compared
 * byte by byte, as Redis orders them; Lua's own way depends on the server's language.
 */
const pageScript = createScript(`
local function isAfter(a, b)
  for i = 1, #a do
    local difference = a:byte(i) - (b:byte(i) or 0)
    if difference ~= 0 then return difference > 0 end
  end
  return false
end

local start = 0
if ARGV[2] then
  start = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. ARGV[2])
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[2], ARGV[2])) do
    if isAfter(id, ARGV[3]) then break end
    start = start + 1
  end
end
return redis.call('ZRANGE', KEYS[1], start, start + ARGV[1] - 1, 'WITHSCORES')
`);

/** A page of the jobs of a queue that were given up, in the order in which they were. */
export async function readFailedPage<Data, Item>(
  client: Client,
  queue: Queue<Data, void>,
  page: PageOptions,
  toItem: (job: Job<Data, void>) => Item,
): Promise<Page<Item>> {
  const limit = pageLimit(page);
  const { after } = page;
  const cursor = after === undefined ? [] : readCursor(after);

  // One more than asked for tells whether there is a next page.
  const flat = (await pageScript(
    client,
    [queue.toKey('failed')],
    [limit + 1, ...cursor],
  )) as readonly string[];
  const all = Array.from({ length: flat.length / 2 }, (_, index) => ({
    id: flat[index * 2] ?? '',
    score: flat[index * 2 + 1] ?? '',
  }));
  const shown = all.slice(0, limit);
  const jobs = await Promise.all(shown.map(({ id }) => queue.getJob(id)));
  const last = all.length > limit ? shown.at(-1) : undefined;
  return {
    // A job that was retried or discarded in the meantime is no longer there.
    items: jobs.filter((job) => job !== undefined).map((job) => toItem(job as Job<Data, void>)),
    next: last === undefined ? undefined : `${last.score}-${last.id}`,
  };
}

/** The score and the id of the last job of a page, from its `next`. */
function readCursor(after: string): readonly [string, string] {
  const [, score = '', id = ''] = /^(\d+)-(.+)$/.exec(after) ?? [];
  if (isJobId(id)) return [score, id];
  throw new HookshakeError('invalid_option', '`after` must be the `next` of a page');
}
