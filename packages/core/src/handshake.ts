import type { Deadline } from './deadline.js';
import type { Exchange } from './exchange.js';
import { fromStore, isPromiseLike, oddAnswer } from './from-store.js';
import { HookshakeError } from './hookshake-error.js';
import type { HookRequest } from './http.js';
import type { RequestCode } from './outcome.js';
import type { AcceptResult, AcceptWhen, Awaitable, SecretStore } from './secret-store.js';

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

/** Handshakes that are judged at once: strangers may send any number, and each of them asks the store. */
const MAX_JUDGED = 1_000;

const codes: ReadonlyMap<AcceptResult, RequestCode> = new Map([
  ['stored', 'handshake_accepted'],
  ['known', 'handshake_known'],
  ['refused', 'handshake_refused'],
  ['full', 'handshake_full'],
]);

/** Judges one handshake; its secret is echoed if it was stored or known. */
export type TakeHandshake = (
  request: HookRequest,
  exchange: Exchange,
  secret: string,
) => Promise<RequestCode>;

export function createHandshakes(store: SecretStore, rule: HandshakeRule): TakeHandshake {
  let judged = 0;

  return async function takeHandshake(request, exchange, secret) {
    const { hookId, deadline } = exchange;
    if (!SECRET.test(secret)) return 'handshake_malformed';
    if (hookId === undefined) return 'handshake_refused';
    if (judged >= MAX_JUDGED) return 'overloaded';
    judged++;
    try {
      const when = await acceptWhen(rule, { hookId, header: (name) => request.header(name) }, deadline);
      const code = await fromStore(async () => codeOf(await store.accept(hookId, secret, when)), deadline);
      if (code === 'handshake_accepted' || code === 'handshake_known') exchange.echo = secret;
      return code;
    } finally {
      judged--;
    }
  };
}

function codeOf(result: AcceptResult): RequestCode {
  const code = codes.get(result);
  if (code !== undefined) return code;
  throw oddAnswer('accept()', "'stored', 'known', 'refused' or 'full'");
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
    const vouched = isPromiseLike(answer) ? await deadline.within(answer) : answer;
    if (typeof vouched !== 'boolean') throw new TypeError('It must answer true or false');
    return vouched ? 'always' : 'window';
  } catch (cause) {
    throw new HookshakeError('handshake_rule_failed', 'The `handshakes` function failed', { cause });
  }
}
