import type { FaultName } from '../create-faults.js';
import type { AsanaEvent } from '../world/asana-event.js';
import type { Answer } from './create-poster.js';

/** One request that was sent to a target, with what came of it. */
export interface Delivery {
  readonly kind: 'handshake' | 'heartbeat' | 'events';
  /** Gid of the webhook, also of one whose handshake failed; undefined for what a stranger sent. */
  readonly webhook: string | undefined;
  readonly target: string;
  /** Simulated time, ISO 8601. */
  readonly sentAt: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The text as sent and signed. */
  readonly body: string;
  readonly events: readonly AsanaEvent[];
  /** 0 for a first attempt, then the number of the retry. */
  readonly retry: number;
  /** Injected faults that struck it. */
  readonly faults: readonly FaultName[];
  /** Sent by nobody who knows a secret; see `forge`. */
  readonly forged: boolean;
  readonly answer: Answer;
}

/** What was sent, oldest first. Those of one webhook are in order; those of several may interleave. */
export interface DeliveryLog {
  add(delivery: Delivery): void;
  list(webhook?: string): readonly Delivery[];
}

export interface DeliveryLogOptions {
  /** How many are kept. */
  readonly keep: number;
  readonly onDelivery?: ((delivery: Delivery) => void) | undefined;
}

export function createDeliveryLog({ keep, onDelivery }: DeliveryLogOptions): DeliveryLog {
  const deliveries: Delivery[] = [];

  function add(delivery: Delivery): void {
    deliveries.push(delivery);
    if (deliveries.length > keep) deliveries.shift();
    onDelivery?.(delivery);
  }

  function list(webhook?: string): readonly Delivery[] {
    return deliveries.filter((delivery) => webhook === undefined || delivery.webhook === webhook);
  }

  return { add, list };
}
