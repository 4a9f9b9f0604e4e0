import type { Deadline } from './deadline.js';
import type { DeliveryInFlight } from './delivery-in-flight.js';

/** One request and what is learned of it on its way. */
export class Exchange {
  readonly deadline: Deadline;
  readonly receivedAtMs: number;
  hookId: string | undefined;
  delivery: DeliveryInFlight | undefined;
  echo: string | undefined;
  error: unknown;

  constructor(deadline: Deadline, receivedAtMs: number) {
    this.deadline = deadline;
    this.receivedAtMs = receivedAtMs;
  }
}
