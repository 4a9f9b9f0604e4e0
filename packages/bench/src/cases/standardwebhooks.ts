import express from 'express';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import type { CaseContext, RunningCase } from '../case.js';
import { listening } from '../listening.js';
import { MOUNT, SECRET } from '../schemes.js';
import type { Payload } from './checks.js';

/** The reference library of Standard Webhooks behind Express. */
export async function startStandardWebhooks({ onEvents }: CaseContext): Promise<RunningCase> {
  const webhook = new Webhook(SECRET, { format: 'raw' });
  const app = express();
  app.post(MOUNT, express.raw({ type: 'application/json', limit: '4mb' }), (request, response) => {
    try {
      const headers = request.headers as Record<string, string>;
      const payload = webhook.verify(request.body, headers) as Payload;
      onEvents(payload.events.length);
      response.status(204).end();
    } catch (error) {
      if (!(error instanceof WebhookVerificationError)) throw error;
      response.status(401).end();
    }
  });
  return { server: await listening(app) };
}
