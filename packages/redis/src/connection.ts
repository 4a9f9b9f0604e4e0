import type { Writable } from 'node:stream';
import type { Notice } from '@hookshake/core';
import { type Cluster, Redis } from 'ioredis';
import { within } from './within.js';

/** A client of one server, of Sentinels or of a cluster. */
export type Client = Redis | Cluster;

/** How long Redis may take to answer, in milliseconds. */
const ANSWER_MS = 5_000;

const ALWAYS = {
  lazyConnect: false,
  connectTimeout: ANSWER_MS,
  // What needs Redis is back soon after it is.
  retryStrategy: (times: number) => Math.min(times * 50, 500),
  // A primary that was demoted answers READONLY until the client looks for the new one.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
};

/** Fails while Redis is away: a delivery that waits for it would keep its body in memory. Nothing is sent twice. */
const FOR_REQUESTS = {
  ...ALWAYS,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  socketTimeout: ANSWER_MS,
};

/**
 * Waits for Redis as long as it takes, since BullMQ insists on it; but not for a server that has vanished without a word.
 * What blocks longest is answered after 10 seconds.
 */
const FOR_WORKERS = { ...ALWAYS, maxRetriesPerRequest: null, socketTimeout: 15_000 };

/** The connections to one Redis. */
export interface Connection {
  /** Asks Redis, and rejects within 5 seconds if it does not answer, at once if the connection is lost. */
  ask<T>(question: (client: Client) => Promise<T>): Promise<T>;
  /** Another connection, which waits while Redis is away. Whoever opens it disconnects it. */
  openForWorker(): Client;
  close(): void;
}

/** Opens connections to a URL, or with the settings of the user's client, which is not touched. */
export function openConnection(
  urlOrClient: string | Client,
  notice: Notice,
  connected: (client: Client) => void,
): Connection {
  const client = open(urlOrClient, FOR_REQUESTS);

  client.on('ready', () => connected(client));
  client.on('error', (error: RedisError) => {
    const reason = reasonOf(error);
    notice(
      'warn',
      'redis_away',
      reason,
      `Redis cannot be used (${reason}), so deliveries get 503 and Asana repeats them; hookshake connects again by ` +
        'itself. Check the address, the user and the password, and that the server runs',
    );
  });

  return {
    ask(question) {
      if (!client.isCluster) writeTogether((client as Redis).stream);
      return within(ANSWER_MS, question(client).catch(failWithoutCommand), 'Redis did not answer');
    },

    openForWorker() {
      const another = open(urlOrClient, FOR_WORKERS);
      // Without a listener ioredis prints each failed attempt to connect.
      another.on('error', () => {});
      return another;
    },

    close: () => client.disconnect(),
  };
}

function open(urlOrClient: string | Client, options: typeof FOR_REQUESTS | typeof FOR_WORKERS): Client {
  if (typeof urlOrClient === 'string') return new Redis(urlOrClient, options);
  // By its mark, since `instanceof` fails when two copies of ioredis are installed.
  if (!urlOrClient.isCluster) return (urlOrClient as Redis).duplicate(options);
  return (urlOrClient as Cluster).duplicate([], { lazyConnect: false, redisOptions: options });
}

/**
 * Has all that is asked in this turn of the event loop leave in one write: ioredis makes one for each command, which is a
 * sixth of the CPU time of an append. A cluster has a stream for each of its servers, and goes without.
 *
 * @param stream - `undefined` before the first connect.
 */
function writeTogether(stream: Writable | undefined): void {
  if (stream === undefined || stream.writableCorked > 0) return;
  stream.cork();
  setImmediate(() => stream.uncork());
}

/** ioredis puts the whole command into an error, and with it a secret or a delivery: no log of the error may hold them. */
function failWithoutCommand(error: RedisError): never {
  for (const one of [error, ...(error.previousErrors ?? [])]) delete one.command;
  throw error;
}

interface RedisError extends Error {
  readonly code?: string;
  command?: unknown;
  /** Those of the commands of a transaction that was not begun for them. */
  readonly previousErrors?: readonly RedisError[];
  /** A cluster only says that all of its servers failed, and how one of them did. */
  readonly lastNodeError?: RedisError;
}

/** The code of an error, such as ECONNREFUSED or WRONGPASS, and nothing else of its message. */
function reasonOf(error: RedisError): string {
  const { code, message } = error.lastNodeError ?? error;
  if (message.startsWith('Socket timeout')) return 'ETIMEDOUT';
  return code ?? /^[A-Z]{3,}/.exec(message)?.[0] ?? error.name;
}
