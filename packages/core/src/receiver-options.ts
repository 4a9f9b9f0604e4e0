import type { HandshakeRule } from './handshake.js';
import { isHookId } from './hook-id.js';
import { HookshakeError } from './hookshake-error.js';
import type { Inbox } from './inbox.js';
import { consoleLogger, type Logger, silentLogger } from './logger.js';
import { assertNoOthers, assertWithin, invalidOption } from './option-checks.js';
import type { SecretStore } from './secret-store.js';

/** Options of {@link createReceiver}. */
export interface ReceiverOptions {
  /** Where the secrets live: `memorySecrets()` for tests and first steps, else one that outlives the process. */
  readonly secrets: SecretStore;
  /**
   * Where deliveries are kept before they are answered; {@link Receiver.start} handles their events then.
   * @defaultValue none: the handlers run before the answer
   * @see docs/inboxes.md
   */
  readonly inbox?: Inbox | undefined;
  /**
   * Called last by {@link Receiver.close}, so that the receiver can own what it was made from.
   */
  readonly close?: (() => Promise<void>) | undefined;
  /**
   * Which handshakes are accepted besides those announced by {@link Receiver.expectHandshake}.
   * Anyone can send a handshake, so anything but the default trusts whoever is first, or your own judgement.
   * @defaultValue `'expected'`: none
   * @see docs/handshakes.md
   */
  readonly handshakes?: HandshakeRule | undefined;
  /**
   * The largest body that is read, in bytes, 1 to 67108864. Asana states no limit; an event takes about 270 bytes. What
   * is over it gets 413, which Asana repeats for a day before it deletes the webhook.
   * @defaultValue 4194304 (4 MiB)
   */
  readonly maxBodyBytes?: number | undefined;
  /**
   * When the answer is due, in milliseconds after the request's headers, 1 to 60000; upload, secrets and handlers
   * included. Asana gives up after 10000.
   * @defaultValue 9000
   * @see https://developers.asana.com/docs/webhooks-guide (read 2026-11)
   */
  readonly answerWithinMs?: number | undefined;
  /**
   * Where warnings and errors go: anything of pino's shape, or `false` for silence. Never told a secret or a payload.
   * @defaultValue the console
   */
  readonly logger?: Logger | false | undefined;
  /** The clock, in milliseconds since 1970, for tests that move it. @defaultValue `Date.now` */
  readonly now?: (() => number) | undefined;
}

/** The options with their defaults. */
export interface ReceiverSettings {
  readonly secrets: SecretStore;
  readonly inbox: Inbox | undefined;
  readonly close: () => Promise<void>;
  readonly handshakes: HandshakeRule;
  readonly maxBodyBytes: number;
  readonly answerWithinMs: number;
  readonly logger: Logger;
  readonly now: () => number;
}

const STORE_OPERATIONS = ['find', 'open', 'accept', 'settle', 'forget'] as const;

/** Throws `invalid_option`, with the option's name and what to write instead, for whatever cannot be meant. */
export function readReceiverOptions(options: ReceiverOptions): ReceiverSettings {
  if (typeof options !== 'object' || options === null) {
    throw new HookshakeError(
      'invalid_option',
      'createReceiver() needs options: { secrets: memorySecrets() } at least',
    );
  }
  const {
    secrets,
    inbox,
    close = () => Promise.resolve(),
    handshakes = 'expected',
    maxBodyBytes = 4 * 1024 * 1024,
    answerWithinMs = 9_000,
    logger = consoleLogger,
    now = Date.now,
    ...unknown
  } = options;

  assertNoOthers(unknown, 'createReceiver()');
  for (const operation of STORE_OPERATIONS) {
    if (typeof secrets?.[operation] !== 'function') {
      throw invalidOption('secrets', `lacks ${operation}(). Pass a SecretStore, such as memorySecrets()`);
    }
  }
  if (inbox !== undefined && (typeof inbox?.append !== 'function' || typeof inbox.consume !== 'function')) {
    throw invalidOption('inbox', 'lacks append() or consume(). Pass an Inbox, such as sqlite(…).inbox');
  }
  if (typeof close !== 'function') throw invalidOption('close', 'must be a function that returns a promise');
  if (!isHandshakeRule(handshakes)) {
    throw invalidOption(
      'handshakes',
      "must be 'expected', { first: ['<hook id>', …] } or a function. A hook id is the path below the mount: 'bugs'",
    );
  }
  assertWithin('maxBodyBytes', maxBodyBytes, 64 * 1024 * 1024);
  assertWithin('answerWithinMs', answerWithinMs, 60_000);
  if (logger !== false && (typeof logger?.warn !== 'function' || typeof logger.error !== 'function')) {
    throw invalidOption('logger', 'must have warn() and error(), as pino has, or be false');
  }
  if (typeof now !== 'function') throw invalidOption('now', 'must be a function that returns milliseconds');
  return {
    secrets,
    inbox,
    close,
    handshakes,
    maxBodyBytes,
    answerWithinMs,
    logger: logger === false ? silentLogger : logger,
    now,
  };
}

function isHandshakeRule(rule: unknown): rule is HandshakeRule {
  if (rule === 'expected' || typeof rule === 'function') return true;
  const first = (rule as { first?: unknown } | null | undefined)?.first;
  return Array.isArray(first) && first.every((hookId) => typeof hookId === 'string' && isHookId(hookId));
}

/** A missing gid must not read as "all secrets that have none". */
export function assertOneSecret(which: object | null | undefined): void {
  if (which === undefined) return;
  const [[name, value] = [], ...others] = Object.entries(which ?? {});
  if ((name === 'webhook' || name === 'secret') && typeof value === 'string' && others.length === 0) return;
  throw new HookshakeError(
    'invalid_option',
    'Pass forget() nothing else than one { webhook } or one { secret }, as text',
  );
}
