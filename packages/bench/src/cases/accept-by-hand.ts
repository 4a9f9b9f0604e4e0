import { verify } from '@hookshake/core';
import type { CaseContext, RunningCase } from '../case.js';
import { listening } from '../listening.js';
import { SECRET } from '../schemes.js';

/** Deliveries that are kept before they are forgotten. */
const KEPT = 1_000;
const secrets = [SECRET];

/** The least that accepts a delivery: it is verified and kept unread, and all answers of a turn are written together. */
export async function startAcceptByHand(_context: CaseContext): Promise<RunningCase> {
  let accepted = 0;
  const kept: Buffer[] = [];
  const answers: (() => void)[] = [];

  function answerAll(): void {
    for (const answer of answers.splice(0)) answer();
  }

  const server = await listening((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
      const isGenuine = verify(body, String(request.headers['x-hook-signature']), secrets);
      if (isGenuine) kept[accepted++ % KEPT] = body;
      if (answers.length === 0) setImmediate(answerAll);
      answers.push(() => response.writeHead(isGenuine ? 204 : 401).end());
    });
  });
  return { server, kept: async () => accepted };
}
