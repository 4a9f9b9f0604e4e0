import express from 'express';
import type { CaseContext, RunningCase } from '../case.js';
import { listening } from '../listening.js';
import { MOUNT } from '../schemes.js';
import { countEvents, isGenuine } from './checks.js';

/** The same check in a route of Express, with the body as a buffer. */
export async function startExpressByHand({ onEvents }: CaseContext): Promise<RunningCase> {
  const app = express();
  app.post(MOUNT, express.raw({ type: 'application/json', limit: '4mb' }), (request, response) => {
    const body: Buffer = request.body;
    if (isGenuine(body, request.headers['x-hook-signature'])) {
      onEvents(countEvents(body));
      response.status(204).end();
    } else {
      response.status(401).end();
    }
  });
  return { server: await listening(app) };
}
