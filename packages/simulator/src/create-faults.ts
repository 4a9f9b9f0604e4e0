import { rejectUnknown } from './reject-unknown.js';
import { SimulatorError } from './simulator-error.js';

/** Something that goes wrong, or merely oddly, the next time it can. */
export interface Fault {
  readonly fault: FaultName;
  /** Gid of the webhook it strikes; any unless told. Faults of the API strike any call. */
  readonly webhook?: string | undefined;
  /**
   * How often it strikes.
   * @defaultValue 1
   */
  readonly times?: number | undefined;
  /** Of `slow`, and needed there: how long the body pauses, in real time. */
  readonly ms?: number | undefined;
  /**
   * Of `rate-limited`: what `Retry-After` says.
   * @defaultValue 30
   */
  readonly retryAfterSeconds?: number | undefined;
}

/**
 * Strike deliveries with events, never heartbeats. `slow`: the body pauses half way · `cut`: the connection is cut half way through the body · `duplicate`: the
 * same bytes come twice · `reorder`: newest events first · `repeat`: although answered well, the events come
 * again at the head of the next delivery, before newer ones · `odd-json`: legal JSON as no serialiser writes it
 */
export type DeliveryFaultName = 'slow' | 'cut' | 'duplicate' | 'reorder' | 'repeat' | 'odd-json';

/**
 * `handshake-twice`: the handshake is sent again with the same secret · `secret-differs`, `secret-missing`: in
 * the 201 · `answer-lost`: the creation happens but its connection is cut · `answer-withheld`: it happens but
 * is never answered · `server-error`: 500 with a phrase · `rate-limited`: 429
 */
export type ApiFaultName =
  | 'handshake-twice'
  | 'secret-differs'
  | 'secret-missing'
  | 'answer-lost'
  | 'answer-withheld'
  | 'server-error'
  | 'rate-limited';

export type FaultName = DeliveryFaultName | ApiFaultName;

/** The faults that are still to strike. */
export interface Faults {
  /** @throws SimulatorError `unknown_option` or `invalid_option` */
  inject(fault: Fault): void;
  /** The oldest fault of this name that strikes here, used up by one. */
  take(name: FaultName, webhook?: string): Fault | undefined;
}

const names: readonly string[] = [
  'slow',
  'cut',
  'duplicate',
  'reorder',
  'repeat',
  'odd-json',
  'handshake-twice',
  'secret-differs',
  'secret-missing',
  'answer-lost',
  'answer-withheld',
  'server-error',
  'rate-limited',
] satisfies readonly FaultName[];

export function createFaults(): Faults {
  const waiting: { readonly fault: Fault; left: number }[] = [];

  function inject(fault: Fault): void {
    rejectUnknown('A fault', fault, ['fault', 'webhook', 'times', 'ms', 'retryAfterSeconds']);
    if (!names.includes(fault.fault)) {
      throw new SimulatorError('invalid_option', `A fault must be one of: ${names.join(', ')}.`);
    }
    if (fault.fault === 'slow' && !((fault.ms ?? -1) >= 0)) {
      throw new SimulatorError('invalid_option', "The fault 'slow' needs 'ms', a number of milliseconds.");
    }
    waiting.push({ fault, left: fault.times ?? 1 });
  }

  function take(name: FaultName, webhook?: string): Fault | undefined {
    const index = waiting.findIndex(({ fault }) => {
      return fault.fault === name && (fault.webhook === undefined || fault.webhook === webhook);
    });
    const found = waiting[index];
    if (found === undefined) return undefined;
    found.left -= 1;
    if (found.left <= 0) waiting.splice(index, 1);
    return found.fault;
  }

  return { inject, take };
}
