import type { Deadline } from './deadline.js';
import type { DeliveryInFlight } from './delivery-in-flight.js';
import type { HandlerContext } from './handler.js';
import type { Logger } from './logger.js';

/** What handlers get besides the event. Most ask for little of it, so the rest is made when asked for. */
export class EventContext implements HandlerContext {
  readonly attempt: number;
  readonly logger: Logger;
  readonly #delivery: DeliveryInFlight;
  readonly #index: number;
  readonly #deadline: Deadline;

  constructor(
    delivery: DeliveryInFlight,
    index: number,
    attempt: number,
    deadline: Deadline,
    logger: Logger,
  ) {
    this.#delivery = delivery;
    this.#index = index;
    this.attempt = attempt;
    this.#deadline = deadline;
    this.logger = logger;
  }

  get hookId(): string {
    return this.#delivery.hookId;
  }

  get deliveryId(): string {
    return this.#delivery.id;
  }

  get eventKey(): string {
    return this.#delivery.keys[this.#index] ?? '';
  }

  get traceparent(): string | undefined {
    return this.#delivery.traceparent;
  }

  get receivedAt(): Date {
    return new Date(this.#delivery.receivedAtMs);
  }

  get signal(): AbortSignal {
    return this.#deadline.signal;
  }
}
