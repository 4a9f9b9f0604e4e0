import { AsanaError, type AsanaErrorCode } from './asana-error.js';
import type { Answer } from './request.js';

interface AsanaErrorBody {
  readonly message?: unknown;
  readonly help?: unknown;
  readonly phrase?: unknown;
  readonly error?: unknown;
}

interface Cause {
  readonly code: AsanaErrorCode;
  readonly status?: number;
  /** Asana gives its errors no codes, so its wording has to tell them apart. */
  readonly wording?: RegExp;
  readonly remedy: string | ((wording: string) => string);
}

/** The first row that fits names the cause. */
const causes: readonly Cause[] = [
  {
    code: 'handshake_not_echoed',
    wording: /did not respond with the handshake secret/i,
    remedy:
      'The target did not answer in time, or without X-Hook-Secret. Is it the mount of a receiver, and can that answer ' +
      'while this process waits for Asana? Does a proxy or tunnel drop response headers?',
  },
  {
    code: 'handshake_wrong_status',
    wording: /responded with an incorrect status code/i,
    remedy: (wording) => explainStatus(Number(/status code:? *(\d+)/i.exec(wording)?.[1])),
  },
  {
    code: 'webhook_exists',
    wording: /duplicated webhook/i,
    remedy: 'You have a webhook for this resource and target already, perhaps made by another app of yours',
  },
  {
    code: 'filters_required',
    wording: /larger scoped|filters? .*whitelist/i,
    remedy:
      'A webhook on a workspace, team, portfolio or goal needs filters, without `fields`, and gets no events of tasks and ' +
      'stories. Pass filters such as [{ resource_type: "project", action: "added" }]',
  },
  {
    code: 'scope_missing',
    status: 403,
    wording: /scope/i,
    remedy: 'The token lacks a scope. Webhooks need webhooks:read, webhooks:write and webhooks:delete',
  },
  {
    code: 'target_not_public',
    status: 403,
    wording: /localhost|invalid host|target/i,
    remedy:
      'Asana must reach the target from the internet. Use a public https URL, or the simulator for development',
  },
  {
    code: 'token_invalid',
    status: 401,
    remedy: 'Asana does not know this token. Make a new one, and pass it as `token`',
  },
  { code: 'payment_required', status: 402, remedy: 'This needs a paid plan of Asana' },
  // For the resource of a new webhook, Asana says it with 400.
  {
    code: 'not_found',
    wording: /unknown object/i,
    remedy: 'Check the gid, and whether the token may see it',
  },
  { code: 'not_found', status: 404, remedy: 'Check the gid and the apiUrl' },
  {
    code: 'rate_limited',
    status: 429,
    remedy: 'Wait, and call less often: 150 times a minute on a free plan',
  },
];

/** The error for an answer of Asana's: a code, Asana's message, and what to do. */
export function explainRefusal(call: string, { status, body, retryAfterMs }: Answer): AsanaError {
  const error = (body['errors'] as readonly AsanaErrorBody[] | null | undefined)?.[0];
  const message = textOf(error?.message);
  const wording = [message, textOf(error?.error)].join(' ');
  const cause = causes.find(
    (one) => (one.status ?? status) === status && (one.wording?.test(wording) ?? true),
  );
  const { code, remedy } = cause ?? fallback(status);
  const said = (message ?? 'no message in JSON').replace(/\.$/, '');
  const advice = typeof remedy === 'string' ? remedy : remedy(wording);
  return new AsanaError(code, `Asana answered ${call} with ${status}: ${said}. ${advice}`, {
    status,
    asanaMessage: message,
    help: textOf(error?.help),
    retryAfterMs,
  });
}

function fallback(status: number): Cause {
  if (status >= 500) {
    const remedy = 'Asana has trouble; it may or may not have done what was asked. Try again later';
    return { code: 'asana_unavailable', remedy };
  }
  if (status >= 300 && status < 400)
    return { code: 'asana_refused', remedy: 'The apiUrl redirects; pass the final one' };
  return { code: 'asana_refused', remedy: 'Correct what the message names' };
}

/** The usual causes behind a status of the target, for handshakes that met it. */
function explainStatus(status: number): string {
  if (status === 401 || status === 407) {
    return 'Something in front of the receiver asks for a login, or another middleware checks signatures first; let this path through';
  }
  if (status === 403) {
    return (
      'The receiver at the target expected no handshake, or something in front of it refuses. Do all processes share one ' +
      'secret store? Is the receiver mounted at the path of `mountUrl`? Does the hook hold 16 secrets already?'
    );
  }
  if (status === 404 || status === 405)
    return 'Nothing takes POST at the path of the target: mount the receiver at or above it';
  if (status >= 300 && status < 400) {
    return 'Asana does not follow redirects; pass the final URL as `mountUrl`: https, the right host, the right slash';
  }
  if (status === 400 || status === 413 || status === 415) {
    return 'A body parser in front of the receiver refused the request; mount the receiver before it';
  }
  return 'See the log of the receiver, and of what stands in front of it';
}

const MAX_TEXT = 500;

function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  // It goes into messages and terminals, and whatever answers there may not be Asana.
  return value.replace(/\p{Cc}+/gu, ' ').slice(0, MAX_TEXT);
}
