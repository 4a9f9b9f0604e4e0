import type { CaseContext, RunningCase } from '../case.js';
import { listening } from '../listening.js';

const LINGER_MS = 1_000;

/** The least that refuses a large body so that its sender sees it: 413 at once, and the connection kept for a second. */
export async function startTooLargeByHand(_context: CaseContext): Promise<RunningCase> {
  const server = await listening((request, response) => {
    response.writeHead(413, { connection: 'close', 'content-length': 0 });
    response.flushHeaders();
    request.pause();
    const linger = setTimeout(() => response.end(), LINGER_MS);
    request.once('close', () => clearTimeout(linger));
  });
  return { server };
}
