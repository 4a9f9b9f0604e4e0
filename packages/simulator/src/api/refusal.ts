/**
 * An error that the API answers with. Thrown, and caught in one place, so that each call reads as the
 * straight line of its checks.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly details: RefusalDetails;

  constructor(status: number, message: string, details: RefusalDetails = {}) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

export interface RefusalDetails {
  readonly error?: string | undefined;
  readonly user_message?: string | undefined;
  readonly phrase?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

const HELP =
  'For more information on API status codes and how to handle them, read the docs on errors: https://developers.asana.com/docs/errors';

const LARGER_SCOPE =
  'Webhooks for larger scoped resources must have at least one filter and all filters must be in our whitelist.';

/** Every error of the API. "Own words" marks a wording that no source tells. */
export const refusals = {
  notAuthorized: (): Refusal => new Refusal(401, 'Not Authorized'),
  /** Own words. */
  scopeMissing: (scope: string): Refusal =>
    new Refusal(403, `Forbidden: this token lacks the scope ${scope}.`),
  noRoute: (): Refusal => new Refusal(404, 'No matching route for request'),
  /** Own words. */
  unreadableBody: (): Refusal => new Refusal(400, 'Could not parse request data, invalid JSON'),
  /** Own words. */
  bodyTooLarge: (): Refusal => new Refusal(413, 'Request too large'),
  missingInput: (name: string): Refusal => new Refusal(400, `${name}: Missing input`),
  /** Own words. */
  invalidInput: (name: string, problem: string): Refusal => new Refusal(400, `${name}: ${problem}`),
  resourceMissing: (): Refusal => new Refusal(400, 'You should specify one of resource'),
  unknownObject: (status: number, name: string, gid: string): Refusal => {
    return new Refusal(status, `${name}: Unknown object: ${gid}`);
  },
  localTarget: (message: string): Refusal => new Refusal(403, message),
  duplicateWebhook: (): Refusal => {
    return new Refusal(
      403,
      'Duplicated webhook. You already have an existing webhook for the given resource and target. Delete the old one before creating another.',
    );
  },
  /** Own words. */
  tooManyWebhooks: (full: 'resource_full' | 'owner_full'): Refusal => {
    return new Refusal(
      403,
      full === 'resource_full'
        ? 'This resource has reached its limit of webhooks.'
        : 'This user and app have reached their limit of webhooks.',
    );
  },
  filtersForLargerScope: (status: number): Refusal => {
    const error = 'invalid_filters_for_larger_scoped_webhooks';
    return new Refusal(status, LARGER_SCOPE, { error, user_message: LARGER_SCOPE });
  },
  handshakeNotCompleted: (): Refusal => {
    return new Refusal(
      400,
      'The remote server which is intended to receive the webhook did not respond with the handshake secret.',
    );
  },
  handshakeWrongStatus: (status: number): Refusal => {
    return new Refusal(
      400,
      `The remote server which is intended to receive the webhook responded with an incorrect status code: ${status}`,
    );
  },
  rateLimited: (retryAfterSeconds: number): Refusal => {
    const message =
      "You've made too many requests and hit a rate limit. Please retry after the given amount of time.";
    return new Refusal(429, message, { retryAfterSeconds });
  },
  /** Asana's phrases look like this one, and name the failure in its logs. */
  serverError: (): Refusal => new Refusal(500, 'Server Error', { phrase: '6 sad squid snuggle softly' }),
} as const;

/** The body of an answer that refuses. */
export function describeRefusal({ status, message, details }: Refusal): object {
  const { error, user_message, phrase } = details;
  const entry = { message, help: status === 500 ? undefined : HELP, phrase, error, user_message };
  return { errors: [entry] };
}
