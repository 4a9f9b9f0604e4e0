import type { Receiver } from '@hookshake/core';
import type { ListeningServer } from '../serve-listener.js';

/** An adapter, in a small server of its own, that {@link adapterBattery} can be run against. */
export interface AdapterUnderTest {
  /**
   * Starts a server on 127.0.0.1 with the receiver mounted at `/webhooks/asana`, and beside it a host.
   *
   * The host answers every other path with 200 and the JSON `{ "times": …, "body": … }`: how often the request was
   * handed on to it, and the JSON body that its own parser then read, `null` for none.
   */
  serve(receiver: Receiver, wiring?: AdapterWiring): Promise<ListeningServer>;
}

/** How a case wants the adapter to be wired. */
export interface AdapterWiring {
  /** The adapter's `hookId` option. */
  readonly hookId?: (() => string | undefined) | undefined;
  /** Whether the host reads every body to its end, and keeps nothing of it, before the adapter gets the request. */
  readonly bodyReadBefore?: boolean | undefined;
}

/** Where the receiver is mounted. */
export const MOUNT = '/webhooks/asana';
