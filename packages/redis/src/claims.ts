import { SEEN_MS } from '@hookshake/core';
import type { Client } from './connection.js';
import { keyOf } from './keys.js';
import { createScript } from './script.js';

/**
 * KEYS: the events that a hook has had, by when; those that this delivery has claimed and may not have queued. ARGV: how
 * long an event is known, and the events.
 *
 * A delivery whose worker died after it claimed and before it queued finds its claims again.
 */
const claimScript = createScript(`
local seen, claimed, keepMs = KEYS[1], KEYS[2], tonumber(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', seen, '-inf', now - keepMs)
local mine = {}
for i = 2, #ARGV do
  if redis.call('ZADD', seen, 'NX', now, ARGV[i]) == 1 then redis.call('SADD', claimed, ARGV[i]) end
  mine[i - 1] = redis.call('SISMEMBER', claimed, ARGV[i])
end
redis.call('PEXPIRE', seen, keepMs)
redis.call('PEXPIRE', claimed, keepMs)
return mine
`);

/** Events of one call, since the arguments of a call have a limit, and nobody else is served while a script runs. */
const CLAIMED_AT_ONCE = 10_000;

/** Marks events as seen, and tells which are this delivery's to queue. */
export async function claimEvents(
  client: Client,
  prefix: string,
  hookId: string,
  deliveryJobId: string,
  eventJobIds: readonly string[],
): Promise<readonly boolean[]> {
  const keys = [keyOf(prefix, 'seen', hookId), keyOf(prefix, 'claimed', deliveryJobId)];
  const claims: boolean[] = [];
  while (claims.length < eventJobIds.length) {
    const some = eventJobIds.slice(claims.length, claims.length + CLAIMED_AT_ONCE);
    const mine = (await claimScript(client, keys, [SEEN_MS, ...some])) as readonly number[];
    for (const one of mine) claims.push(one === 1);
  }
  return claims;
}

/** The delivery's events are queued, so that if it is split again, there is nothing to queue. */
export async function dropClaims(client: Client, prefix: string, deliveryJobId: string): Promise<void> {
  await client.del(keyOf(prefix, 'claimed', deliveryJobId));
}

/** Nothing of the hook is known as seen any more. */
export async function dropSeen(client: Client, prefix: string, hookId: string): Promise<void> {
  await client.del(keyOf(prefix, 'seen', hookId));
}
