import { createNodeMiddleware, Webhooks } from '@octokit/webhooks';
import type { CaseContext, RunningCase } from '../case.js';
import { listening } from '../listening.js';
import { MOUNT, SECRET } from '../schemes.js';
import type { Payload } from './checks.js';

/** Octokit's webhooks on its own middleware for node:http. */
export async function startOctokit({ onEvents }: CaseContext): Promise<RunningCase> {
  const silent = () => {};
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const webhooks = new Webhooks({ secret: SECRET, log });
  webhooks.onAny(({ payload }) => onEvents((payload as unknown as Payload).events.length));
  const middleware = createNodeMiddleware(webhooks, { path: MOUNT, log });
  return { server: await listening((request, response) => void middleware(request, response)) };
}
