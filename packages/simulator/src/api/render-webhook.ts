import type { Random } from '../create-random.js';
import type { Webhook } from '../webhooks/webhook.js';
import { selectFields } from './select-fields.js';

export type Rendered = Readonly<Record<string, unknown>>;

/** The record of one webhook: all of it, or the fields asked for. */
export function renderWebhook(
  webhook: Webhook,
  fields: readonly string[] | undefined,
  random: Random,
): Rendered {
  const record = describe(webhook);
  if (fields !== undefined) return selectFields(record, fields);
  // A stream of its own: reading a record must not change what is drawn next.
  return shuffle(record, random.fork(`record ${webhook.gid}`));
}

/** Its entry in a list. */
export function renderCompact(webhook: Webhook, fields: readonly string[] | undefined): Rendered {
  const record = describe(webhook);
  if (fields !== undefined) return selectFields(record, fields);
  const { gid, resource_type, active, resource, target } = record;
  return { gid, resource_type, active, resource, target };
}

function describe(webhook: Webhook) {
  const { gid, resource_type, name } = webhook.resource;
  return {
    gid: webhook.gid,
    resource_type: 'webhook',
    active: webhook.active,
    resource: { gid, resource_type, name },
    target: webhook.target,
    created_at: formatTime(webhook.createdAt),
    last_success_at: formatTime(webhook.lastSuccessAt),
    last_failure_at: formatTime(webhook.lastFailureAt),
    last_failure_content: webhook.lastFailureContent,
    delivery_retry_count: webhook.deliveryRetryCount,
    next_attempt_after: formatTime(webhook.nextAttemptAfter),
    failure_deletion_timestamp: formatTime(webhook.failureDeletionAt),
    // Undocumented, but in real answers (2024).
    is_workspace_webhook: resource_type === 'workspace',
    filters: webhook.filters,
  };
}

/** Real answers begin with gid and type; the order of the rest differs between them. */
function shuffle(record: Rendered, random: Random): Rendered {
  const [gid, resourceType, ...rest] = Object.entries(record);
  return Object.fromEntries(
    [gid, resourceType, ...random.shuffle(rest)].filter((entry) => entry !== undefined),
  );
}

function formatTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
