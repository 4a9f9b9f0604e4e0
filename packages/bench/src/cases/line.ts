import { middleware, SignatureValidationFailed } from '@line/bot-sdk';
import express, { type ErrorRequestHandler } from 'express';
import type { CaseContext, RunningCase } from '../case.js';
import { listening } from '../listening.js';
import { MOUNT, SECRET } from '../schemes.js';
import type { Payload } from './checks.js';

/** LINE's middleware for Express. */
export async function startLine({ onEvents }: CaseContext): Promise<RunningCase> {
  const app = express();
  app.post(MOUNT, middleware({ channelSecret: SECRET }), (request, response) => {
    const payload: Payload = request.body;
    onEvents(payload.events.length);
    response.status(204).end();
  });
  const refuse: ErrorRequestHandler = (error, _request, response, next) => {
    if (error instanceof SignatureValidationFailed) response.status(401).end();
    else next(error);
  };
  app.use(refuse);
  return { server: await listening(app) };
}
