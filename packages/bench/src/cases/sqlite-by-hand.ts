import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { sqlite } from '@hookshake/sqlite';
import type { CaseContext, RunningCase } from '../case.js';
import { ONLY_HOOK } from '../hooks.js';
import { listening } from '../listening.js';
import { receiveByHand } from './floor.js';

/** Our SQLite inbox behind a receiver that is written by hand: what the inbox itself takes. */
export async function startSqliteByHand({ place }: CaseContext): Promise<RunningCase> {
  const { inbox } = sqlite(join(place, 'hooks.db'), { maxWaiting: 10_000_000 });
  const listener = receiveByHand((body, answer) => {
    const delivery = { id: randomUUID(), hookId: ONLY_HOOK, receivedAtMs: Date.now(), body };
    void inbox.append(delivery).then(answer);
  });
  return { server: await listening(listener), kept: async () => (await inbox.stats()).waiting };
}
