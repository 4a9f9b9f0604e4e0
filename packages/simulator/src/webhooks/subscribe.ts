import { refusals } from '../api/refusal.js';
import type { Asana } from '../create-asana.js';
import { sendHandshake } from '../delivery/send-handshake.js';
import { createOutbox } from './create-outbox.js';
import type { Claim } from './create-registry.js';
import type { Webhook } from './webhook.js';
import type { WebhookFilter } from './webhook-filter.js';

export interface NewWebhook extends Claim {
  readonly filters: readonly WebhookFilter[];
}

/**
 * Creates a webhook, all within the caller's open call: its place is claimed, the target's handshake
 * completed, the first heartbeat sent.
 * @throws Refusal
 */
export async function subscribe(wanted: NewWebhook, asana: Asana): Promise<Webhook> {
  const { registry, random, timeline, knobs } = asana;
  const claimed = registry.claim(wanted);
  if (claimed === 'duplicate') throw refusals.duplicateWebhook();
  if (claimed !== 'claimed') throw refusals.tooManyWebhooks(claimed);

  const gid = random.gid();
  const secret = random.hex(knobs.secretDigits === 'mixed' ? random.pick([32, 64]) : knobs.secretDigits);
  try {
    await shakeHands(gid, secret, wanted.target, asana);
  } catch (error) {
    registry.release(wanted);
    throw error;
  }

  const webhook: Webhook = {
    gid,
    secret,
    owner: wanted.owner,
    resource: wanted.resource,
    target: wanted.target,
    filters: wanted.filters,
    createdAt: timeline.now(),
    active: true,
    lastSuccessAt: null,
    lastFailureAt: null,
    lastFailureContent: '',
    failingSince: null,
    deliveryRetryCount: 0,
    nextAttemptAfter: null,
    failureDeletionAt: null,
  };
  const outbox = createOutbox(webhook, asana);
  registry.add({ webhook, outbox });
  await outbox.open();
  return webhook;
}

async function shakeHands(webhook: string, secret: string, target: string, asana: Asana): Promise<void> {
  const handshake = { webhook, target, secret };
  const repeats = asana.faults.take('handshake-twice') === undefined ? 1 : 2;
  for (let sent = 0; sent < repeats; sent += 1) {
    const outcome = await sendHandshake(handshake, asana);
    if (outcome === 'secret_not_echoed') throw refusals.handshakeNotCompleted();
    if (outcome !== 'completed') throw refusals.handshakeWrongStatus(outcome.wrongStatus);
  }
}
