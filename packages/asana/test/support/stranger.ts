import { sign } from '@hookshake/core';

export const STRANGERS_SECRET = 'a-secret-that-a-stranger-made-up';

/** What anyone can send who knows a target. Each gives the status of the answer. */
export const stranger = {
  async shakeHands(target: string): Promise<number> {
    return await post(target, { 'x-hook-secret': STRANGERS_SECRET });
  },
  async deliver(target: string): Promise<number> {
    const body = '{"events":[{"action":"deleted","resource":{"gid":"666","resource_type":"task"}}]}';
    return await post(target, { 'x-hook-signature': sign(body, STRANGERS_SECRET) }, body);
  },
};

async function post(target: string, headers: Record<string, string>, body = ''): Promise<number> {
  const response = await fetch(target, { method: 'POST', headers, body });
  await response.arrayBuffer();
  return response.status;
}
