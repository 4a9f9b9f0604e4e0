import { randomUUID } from 'node:crypto';
import { eventKeys } from './event-key.js';
import { readEntries } from './payload.js';

/** What all ids of this process begin with. Made late, since some platforms have no randomness while they import. */
let prefix: string | undefined;
let idsMade = 0;

/** A verified delivery on its way to the handlers. What few handlers ask for is made when it is asked for. */
export class DeliveryInFlight {
  readonly hookId: string;
  readonly body: Uint8Array;
  readonly receivedAtMs: number;
  readonly traceparent: string | undefined;
  #id: string | undefined;
  #keys: readonly string[] | undefined;

  constructor(hookId: string, body: Uint8Array, receivedAtMs: number, traceparent?: string) {
    this.hookId = hookId;
    this.body = body;
    this.receivedAtMs = receivedAtMs;
    this.traceparent = traceparent;
  }

  /** Asana sends no id; this one is ours. */
  get id(): string {
    this.#id ??= newId();
    return this.#id;
  }

  /** The key of each entry. Made from the bytes, since a handler may have changed the event it was given. */
  get keys(): readonly string[] {
    this.#keys ??= eventKeys(readEntries(this.body) ?? []);
    return this.#keys;
  }
}

/** A UUID. Its last twelve digits are counted, which is cheaper than to make each one at random. */
function newId(): string {
  prefix ??= randomUUID().slice(0, 24);
  return `${prefix}${(idsMade++).toString(16).padStart(12, '0')}`;
}
