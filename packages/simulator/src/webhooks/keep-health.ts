import type { Answer } from '../delivery/create-poster.js';
import type { Knobs } from '../resolve-options.js';
import type { Webhook } from './webhook.js';

/** Only an answer with one of the right statuses counts; a redirect is not followed and counts as failure. */
export function isSuccess(answer: Answer, { successStatuses }: Pick<Knobs, 'successStatuses'>): boolean {
  return 'status' in answer && successStatuses.includes(answer.status);
}

/** One delivery succeeded. */
export function noteSuccess(webhook: Webhook, now: number): void {
  webhook.lastSuccessAt = now;
}

/** All that was tried succeeded: the webhook is healthy. What was once answered on a failure stays readable. */
export function noteRecovery(webhook: Webhook): void {
  webhook.failingSince = null;
  webhook.deliveryRetryCount = 0;
  webhook.nextAttemptAfter = null;
  webhook.failureDeletionAt = null;
}

/** An attempt failed: the next one waits longer, and the webhook's last hour is fixed. */
export function noteFailure(webhook: Webhook, answer: Answer, now: number, knobs: Knobs): void {
  if (webhook.failingSince === null) {
    const since =
      knobs.deletionCountsFrom === 'first-failure' ? now : (webhook.lastSuccessAt ?? webhook.createdAt);
    webhook.failingSince = now;
    webhook.failureDeletionAt = since + knobs.deleteAfterMs;
  } else {
    webhook.deliveryRetryCount += 1;
  }
  webhook.lastFailureAt = now;
  webhook.lastFailureContent = describeFailure(answer);
  webhook.nextAttemptAfter =
    now + Math.min(knobs.firstRetryMs * 2 ** webhook.deliveryRetryCount, knobs.maxRetryMs);
  if (now - webhook.failingSince >= knobs.inactiveAfterMs) webhook.active = false;
}

/** The form of Asana's example: `500 Server Error`, then what the target wrote. */
function describeFailure(answer: Answer): string {
  if ('failure' in answer) return answer.detail;
  return `${answer.status} ${answer.statusText}\n\n${answer.body}`.trim();
}
