import { verify } from '@hookshake/core';
import type { CaseContext, RunningCase } from '../case.js';
import { listening } from '../listening.js';
import { SECRET } from '../schemes.js';
import { receiveByHand } from './floor.js';

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

  const listener = receiveByHand(
    (body, answer) => {
      kept[accepted++ % KEPT] = body;
      if (answers.length === 0) setImmediate(answerAll);
      answers.push(answer);
    },
    (body, signature) => verify(body, String(signature), secrets),
  );
  return { server: await listening(listener), kept: async () => accepted };
}
