import {
  createNotice,
  type Durability,
  HookshakeError,
  type Inbox,
  type Logger,
  type SecretStore,
} from '@hookshake/core';
import { type Client, openConnection } from './connection.js';
import { inspectDurability } from './durability.js';
import { createInbox } from './inbox.js';
import { createSecrets } from './secrets.js';

/** Options of {@link redis}. */
export interface RedisOptions {
  /**
   * Begins the name of every key, in braces, so that several apps can share one Redis: 1 to 64 characters of
   * `A–Z a–z 0–9 . _ -`.
   * @defaultValue `'hookshake'`
   */
  readonly prefix?: string | undefined;
  /**
   * How many deliveries and events may wait in the inbox, 1 to 10000000; more are refused with 503, so that a worker that
   * is down does not fill the memory of Redis. Asana repeats them for a day.
   * @defaultValue 100000
   */
  readonly maxWaiting?: number | undefined;
  /**
   * Where warnings about Redis go: anything of pino's shape, or `false` for silence.
   * @defaultValue the console
   */
  readonly logger?: Logger | false | undefined;
}

/** What {@link redis} gives, to be spread into the options of `createReceiver`. */
export interface RedisBackend {
  /** The secrets and handshake windows in Redis. */
  readonly secrets: SecretStore;
  /** Deliveries that were accepted, and their events until they are handled. */
  readonly inbox: Inbox;
  /**
   * Stops workers that still work, and closes the connections. The receiver's `close` does so when it was given this. A
   * client that was passed in stays open. Closing again is no error.
   */
  close(): Promise<void>;
}

/**
 * Keeps what a receiver has to keep in Redis 6.2 or later, the inbox on BullMQ. Processes on several machines may share
 * it. What a 200 survives depends on the settings of the server, which are looked at on each connect.
 *
 * @param urlOrClient - `redis://` or `rediss://`; or a client of ioredis, which may be one of Sentinels or of a cluster.
 * Connections of their own are made with the client's settings, since they fail faster than yours may.
 * @throws {@link HookshakeError} `invalid_option`.
 * @example
 * ```ts
 * const receiver = createReceiver({ ...redis('redis://localhost:6379') });
 * ```
 * @see docs/redis.md
 */
export function redis(urlOrClient: string | Client, options: RedisOptions = {}): RedisBackend {
  const { prefix = 'hookshake', maxWaiting = 100_000, logger, ...unknown } = options;
  for (const name of Object.keys(unknown)) throw invalid(name, 'is no option of redis()');
  if (!/^[\w.-]{1,64}$/.test(prefix))
    throw invalid('prefix', 'must be 1 to 64 characters of A–Z a–z 0–9 . _ -');
  if (!Number.isInteger(maxWaiting) || maxWaiting < 1 || maxWaiting > 10_000_000) {
    throw invalid('maxWaiting', `must be a whole number from 1 to 10000000, not ${maxWaiting}`);
  }
  assertUsable(urlOrClient);

  const notice = createNotice(logger);
  let durability: Durability = 'process';
  const connection = openConnection(urlOrClient, notice, (client) => {
    inspectDurability(client, notice).then(
      (found) => {
        durability = found;
      },
      () => {}, // Lost again: asked anew on the next connect.
    );
  });
  const readDurability = () => durability;
  const { inbox, stopAll } = createInbox(connection, { prefix, maxWaiting, readDurability });
  let closed: Promise<void> | undefined;

  return {
    secrets: createSecrets(connection, prefix, readDurability),
    inbox,
    close() {
      closed ??= stopAll().finally(() => connection.close());
      return closed;
    },
  };
}

function assertUsable(urlOrClient: string | Client): void {
  if (typeof urlOrClient === 'string') {
    if (/^rediss?:\/\//.test(urlOrClient)) return;
    throw invalid('urlOrClient', 'must begin with redis:// or rediss://');
  }
  if (typeof urlOrClient?.duplicate !== 'function' || typeof urlOrClient.evalsha !== 'function') {
    throw invalid('urlOrClient', 'must be a URL or a client of ioredis');
  }
  if (urlOrClient.options.keyPrefix) {
    throw invalid('urlOrClient', 'has a keyPrefix, which BullMQ cannot use. Pass { prefix } to redis()');
  }
}

function invalid(name: string, problem: string): HookshakeError {
  return new HookshakeError('invalid_option', `\`${name}\` ${problem}`);
}
