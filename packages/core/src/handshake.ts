import type { Deadline } from './deadline.js';
import { fromStore } from './from-store.js';
import { HookshakeError } from './hookshake-error.js';
import type { HookRequest } from './http.js';
import type { RequestCode } from './outcome.js';
import type { AcceptWhen, Awaitable, SecretStore } from './secret-store.js';

/** A handshake that somebody sent: Asana or anyone else. It proves nothing by itself. */
export interface HandshakeAttempt {
  readonly hookId: string;
  /** A header of the request by its lower-case name: for a proxy's word on the sender, for example. */
  header(name: string): string | undefined;
}

/**
 * Which handshakes are accepted besides those for which a window is open.
 * - `'expected'`: none.
 * - `{ first }`: the first one for each listed hook, while that hook has no secret. **Whoever comes first is trusted.**
 * - a function: those it says yes to; it vouches for the sender.
 */
export type HandshakeRule =
  | 'expected'
  | { readonly first: readonly string[] }
  | ((attempt: HandshakeAttempt) => boolean | Promise<boolean>);

const SECRET = /^[\x21-\x7e]{1,256}$/;

const codes = {
  stored: 'handshake_accepted',
  known: 'handshake_known',
  refused: 'handshake_refused',
  full: 'handshake_full',
} as const;

/** Judges one handshake; the caller echoes the secret if it was stored or known. */
export type TakeHandshake = (
  hookId: string | undefined,
  secret: string,
  request: HookRequest,
  deadline: Deadline,
) => Promise<RequestCode>;

export function createHandshakes(store: SecretStore, rule: HandshakeRule): TakeHandshake {
  return async function takeHandshake(hookId, secret, request, deadline) {
    if (!SECRET.test(secret)) return 'handshake_malformed';
    if (hookId === undefined) return 'handshake_refused';
    const when = await acceptWhen(rule, { hookId, header: (name) => request.header(name) }, deadline);
    return codes[await fromStore(() => store.accept(hookId, secret, when), deadline)];
  };
}

async function acceptWhen(
  rule: HandshakeRule,
  attempt: HandshakeAttempt,
  deadline: Deadline,
): Promise<AcceptWhen> {
  if (rule === 'expected') return 'window';
  if (typeof rule !== 'function') return rule.first.includes(attempt.hookId) ? 'absent' : 'window';
  try {
    const answer: Awaitable<boolean> = rule(attempt);
    const vouched = typeof answer === 'boolean' ? answer : await deadline.within(answer);
    return vouched === true ? 'always' : 'window';
  } catch (cause) {
    throw new HookshakeError('handshake_rule_failed', 'The `handshakes` function failed', { cause });
  }
}
