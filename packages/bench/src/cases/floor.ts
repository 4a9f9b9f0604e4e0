import type { RequestListener } from 'node:http';
import type { CaseContext, RunningCase } from '../case.js';
import { listening } from '../listening.js';
import { countEvents, isGenuine } from './checks.js';

/** The best that can be written by hand on node:http. */
export async function startFloor(context: CaseContext): Promise<RunningCase> {
  return { server: await listening(handleByHand(context)) };
}

/** A listener that verifies a delivery by hand, and counts its events before the answer. */
export function handleByHand({ onEvents }: CaseContext): RequestListener {
  return receiveByHand((body, answer) => {
    onEvents(countEvents(body));
    answer();
  });
}

/** A listener that collects and verifies a body by hand, and answers 204 when `accept` calls back. */
export function receiveByHand(
  accept: (body: Buffer, answer: () => void) => void,
  check: typeof isGenuine = isGenuine,
): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
      if (check(body, request.headers['x-hook-signature'])) {
        accept(body, () => response.writeHead(204).end());
      } else {
        response.writeHead(401).end();
      }
    });
  };
}
