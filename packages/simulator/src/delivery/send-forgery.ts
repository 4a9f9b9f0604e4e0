import { validateHeaderValue } from 'node:http';
import type { Asana } from '../create-asana.js';
import { rejectUnknown } from '../reject-unknown.js';
import { SimulatorError } from '../simulator-error.js';
import type { Answer } from './create-poster.js';
import { sign } from './sign.js';

/** What somebody sends to a target who is not Asana: a handshake, or a delivery signed with a wrong secret. */
export interface Forgery {
  readonly forge: 'handshake' | 'delivery';
  /** The URL, or the gid of the webhook whose target it is. */
  readonly target?: string | undefined;
  readonly webhook?: string | undefined;
  /**
   * The secret of the handshake, or the one to sign with.
   * @defaultValue drawn
   */
  readonly secret?: string | undefined;
  /**
   * The delivery's body.
   * @defaultValue one event
   */
  readonly body?: string | undefined;
}

const DEFAULT_BODY = '{"events":[{"action":"deleted","resource":{"gid":"1","resource_type":"task"}}]}';

/** @throws SimulatorError `unknown_option`, `invalid_option` or `unknown_webhook` */
export async function sendForgery(forgery: Forgery, asana: Asana): Promise<Answer> {
  rejectUnknown('A forgery', forgery, ['forge', 'target', 'webhook', 'secret', 'body']);
  const target = findTarget(forgery, asana);
  const secret = forgery.secret ?? asana.random.hex(32);
  rejectUnsendable(secret);
  const { deadlineMs } = asana.knobs;
  const isHandshake = forgery.forge === 'handshake';
  const body = isHandshake ? '' : (forgery.body ?? DEFAULT_BODY);
  const headers: Readonly<Record<string, string>> = isHandshake
    ? { 'x-hook-secret': secret }
    : { 'content-type': 'application/json', 'x-hook-signature': sign(body, secret) };
  const sentAt = new Date(asana.timeline.now()).toISOString();
  const answer = await asana.poster.post({ target, headers, body, deadlineMs });
  const sent = { webhook: undefined, target, sentAt, headers, body, events: [], retry: 0, faults: [] };
  asana.log.add({ kind: isHandshake ? 'handshake' : 'events', ...sent, forged: true, answer });
  return answer;
}

function rejectUnsendable(secret: string): void {
  try {
    validateHeaderValue('x-hook-secret', secret);
  } catch {
    throw new SimulatorError('invalid_option', "The 'secret' must be a text that an HTTP header can carry.");
  }
}

function findTarget({ forge, target, webhook }: Forgery, { registry }: Asana): string {
  if (forge !== 'handshake' && forge !== 'delivery') {
    throw new SimulatorError('invalid_option', "A forgery needs 'forge': 'handshake' or 'delivery'.");
  }
  if (target !== undefined && URL.canParse(target)) return target;
  const found = registry.find(webhook ?? '')?.webhook.target;
  if (found !== undefined) return found;
  throw new SimulatorError(
    'unknown_webhook',
    "A forgery needs a 'target' (a URL) or the gid of a 'webhook'.",
  );
}
