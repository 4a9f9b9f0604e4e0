import { createHmac, timingSafeEqual } from 'node:crypto';
import express from 'express';
import type { CaseContext, RunningCase } from '../case.js';
import { listening } from '../listening.js';
import { MOUNT, SECRET } from '../schemes.js';
import type { Payload } from './checks.js';

/**
 * What Asana's sample for Node.js does with a delivery, written anew: parsed by Express first, signed again from what
 * `JSON.stringify` makes of it, compared as hex text, answered with `sendStatus`. Without its printing of the events,
 * and with room for larger bodies than it takes.
 *
 * @see https://github.com/Asana/devrel-examples (read 2026-11)
 */
export async function startAsanaSample({ onEvents }: CaseContext): Promise<RunningCase> {
  const app = express();
  app.use(express.json({ limit: '4mb' }));
  app.post(MOUNT, (request, response) => {
    const payload: Payload = request.body;
    const given = Buffer.from(request.get('x-hook-signature') ?? '');
    const again = Buffer.from(createHmac('sha256', SECRET).update(JSON.stringify(payload)).digest('hex'));
    // The sample has no check of the length, and answers 500 to a signature of another one.
    if (given.length !== again.length || !timingSafeEqual(given, again)) {
      response.sendStatus(401);
      return;
    }
    onEvents(payload.events.length);
    response.sendStatus(200);
  });
  return { server: await listening(app) };
}
