import type { RequestCode } from './outcome.js';

interface Remedy {
  readonly level: 'warn' | 'error';
  /**
   * What happened and what to do, in one line, for the operator's terminal. Never a secret, a digest or a payload.
   *
   * @param why - What hookshake itself has told of a failure, or where to find it.
   */
  readonly line: (hookId: string | undefined, why: string) => string;
}

function hook(hookId: string | undefined): string {
  return hookId === undefined ? 'a path that names no hook' : `the hook '${hookId}'`;
}

/** What the terminal says, with nothing configured, about requests that someone should do something about. */
export const remedies: { readonly [code in RequestCode]?: Remedy } = {
  handshake_refused: {
    level: 'warn',
    line: (hookId) =>
      hookId === undefined
        ? 'refused a handshake whose path names no hook below the mount. A hook id is made of A–Z a–z 0–9 . _ ~ - in ' +
          "segments joined by /; the mount itself is the hook 'default'"
        : `refused a handshake for the hook '${hookId}', since none was expected; nothing was stored. If you are ` +
          `creating this webhook, call  await receiver.expectHandshake('${hookId}')  before POST /webhooks; if that is ` +
          'not the id you gave it, the receiver is mounted at another path than you meant. If you are not, a stranger tried',
  },
  handshake_full: {
    level: 'error',
    line: (hookId) =>
      `refused a handshake for ${hook(hookId)}, which holds 16 secrets already. Forget the ones that are not in ` +
      `use:  await receiver.forget('${hookId}', { webhook: '<gid>' })`,
  },
  handshake_malformed: {
    level: 'warn',
    line: (hookId) =>
      `refused a handshake for ${hook(hookId)}, whose X-Hook-Secret cannot be Asana's: empty, too long, sent ` +
      `twice, or not visible ASCII. If it was Asana's, something in front of this server changes headers`,
  },
  handshake_rule_failed: {
    level: 'error',
    line: (hookId, why) =>
      `your \`handshakes\` function failed for ${hook(hookId)}, so the handshake got 503. ${why}`,
  },
  unknown_hook: {
    level: 'warn',
    line: (hookId) =>
      `rejected a delivery for ${hook(hookId)}, of which no secret is stored. If it is Asana's, the secret was ` +
      'lost, in a restart of memorySecrets() perhaps: create the webhook anew. Or the receiver is mounted at another ' +
      'path than before, which gives the hook another id',
  },
  signature_malformed: {
    level: 'warn',
    line: (hookId) =>
      `rejected a request for ${hook(hookId)} without a well-formed X-Hook-Signature. Asana always sends one: a ` +
      'stranger, or a proxy that drops headers',
  },
  signature_mismatch: {
    level: 'warn',
    line: (hookId) =>
      `rejected a delivery for ${hook(hookId)}, which none of its secrets signed. A forgery; or the webhook is ` +
      'another one than the stored secret belongs to; or a proxy changes the body',
  },
  not_confirmed: {
    level: 'warn',
    line: (hookId) =>
      `put off a delivery for ${hook(hookId)}, whose secret nobody has confirmed yet. Confirm it with the secret ` +
      `of the 201:  await window.confirm(secret)`,
  },
  delivery_unreadable: {
    level: 'error',
    line: (hookId) =>
      `a delivery for ${hook(hookId)} is genuine but unreadable: not UTF-8, not JSON, or without an events array. ` +
      'It was answered 200, since sending it again cannot help, and its events are lost',
  },
  body_too_large: {
    level: 'error',
    line: (hookId) =>
      `refused a delivery for ${hook(hookId)}, whose body is over the limit. Asana deletes a webhook that fails ` +
      'for a day: raise `maxBodyBytes` in createReceiver(), and the limit of any parser or proxy in front of it',
  },
  body_consumed: {
    level: 'error',
    line: (hookId) =>
      `another middleware read the body before ${hook(hookId)} saw it, and the signature covers its exact bytes. ` +
      'Mount hookshake before your body parser, or keep the bytes, in Express with express.json({ verify: keepRawBody }) ' +
      'of @hookshake/express, which helps unless the parser unpacked them (Content-Encoding); see docs/raw-body.md',
  },
  body_stalled: {
    level: 'warn',
    line: (hookId) => `gave up on a request for ${hook(hookId)}, whose body did not arrive in time`,
  },
  mount_ambiguous: {
    level: 'error',
    line: () =>
      'the route of a request has parameters, but none of them is called hookId, so all tenants would share one hook. ' +
      'Name the parameter :hookId, or pass the option hookId: (request) => …',
  },
  hook_id_failed: {
    level: 'error',
    line: (_hookId, why) => `your \`hookId\` function threw, so the request got 500. ${why}`,
  },
  store_failed: {
    level: 'error',
    line: (hookId, why) =>
      `the secret store failed or did not answer for ${hook(hookId)}, so the request got 503 and Asana will ` +
      `repeat it. ${why}`,
  },
  inbox_failed: {
    level: 'error',
    line: (hookId, why) =>
      `the inbox failed or did not answer in time for ${hook(hookId)}, so the delivery got 503 and Asana will repeat ` +
      `it. ${why}`,
  },
  inbox_full: {
    level: 'error',
    line: () =>
      'the inbox is full, so deliveries get 503 until some of it is handled. Asana repeats them for a day: make the ' +
      'handlers faster, start more workers, or look into inbox.stats()',
  },
  overloaded: {
    level: 'error',
    line: () =>
      'too much is in flight; requests get 503 until some of it is done. Asana will repeat its deliveries',
  },
  deadline_exceeded: {
    level: 'error',
    line: (hookId) =>
      `a delivery for ${hook(hookId)} was not handled in time and got 503. Asana gives up after 10 seconds: make ` +
      'the handlers faster',
  },
  internal_error: {
    level: 'error',
    line: (hookId, why) => `a request for ${hook(hookId)} failed in a way nobody foresaw and got 500. ${why}`,
  },
};
