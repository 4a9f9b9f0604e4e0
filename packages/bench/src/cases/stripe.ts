import express from 'express';
import Stripe from 'stripe';
import type { CaseContext, RunningCase } from '../case.js';
import { listening } from '../listening.js';
import { MOUNT, SECRET } from '../schemes.js';
import type { Payload } from './checks.js';

/** Stripe's library behind Express. */
export async function startStripe({ onEvents }: CaseContext): Promise<RunningCase> {
  const stripe = new Stripe('sk_test_none');
  const app = express();
  app.post(MOUNT, express.raw({ type: 'application/json', limit: '4mb' }), (request, response) => {
    try {
      const signature = request.get('stripe-signature') ?? '';
      const event = stripe.webhooks.constructEvent(request.body, signature, SECRET);
      onEvents((event as unknown as Payload).events.length);
      response.status(204).end();
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) throw error;
      response.status(401).end();
    }
  });
  return { server: await listening(app) };
}
