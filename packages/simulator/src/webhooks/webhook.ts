import type { Owner } from '../api/create-accounts.js';
import type { Resource } from '../world/create-world.js';
import type { WebhookFilter } from './webhook-filter.js';

/** One webhook, as its API record tells of it. Times are simulated, in milliseconds since 1970. */
export interface Webhook {
  readonly gid: string;
  readonly owner: Owner;
  readonly resource: Resource;
  readonly target: string;
  readonly secret: string;
  readonly createdAt: number;
  filters: readonly WebhookFilter[];
  /** While false, nothing is sent. */
  active: boolean;
  lastSuccessAt: number | null;
  lastFailureAt: number | null;
  /** What the target answered on the last failure. */
  lastFailureContent: string;
  /** When the failing began that still lasts; no field of the API's record. */
  failingSince: number | null;
  /** Retries since the last success. */
  deliveryRetryCount: number;
  nextAttemptAfter: number | null;
  /** When it is deleted unless an attempt succeeds before. */
  failureDeletionAt: number | null;
}
