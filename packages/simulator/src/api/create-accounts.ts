import type { Random } from '../create-random.js';
import { rejectUnknown } from '../reject-unknown.js';
import { SimulatorError } from '../simulator-error.js';
import { refusals } from './refusal.js';

/** Webhooks belong to a user and the app that user works with. */
export interface Owner {
  readonly user: string;
  readonly app: string;
}

export interface NewToken {
  /**
   * What the bearer may do: `webhooks:read`, `webhooks:write`, `webhooks:delete`, or any other of Asana's scopes;
   * `default` grants all.
   * @defaultValue ['default']
   */
  readonly scopes?: readonly string[] | undefined;
  /**
   * Gid of the user.
   * @defaultValue the simulator's user
   */
  readonly user?: string | undefined;
  /**
   * Name of the app.
   * @defaultValue 'app', so that tokens of one user see the same webhooks
   */
  readonly app?: string | undefined;
}

export type Scope = 'webhooks:read' | 'webhooks:write' | 'webhooks:delete';

/** Bearer tokens, and who stands behind them. */
export interface Accounts {
  /** The user of tokens and changes that name no other. */
  readonly defaultUser: string;
  addToken(token: NewToken): string;
  /**
   * Who makes a call.
   * @throws Refusal 401, 403 for a missing scope, 429 for too many calls in a minute
   */
  authorize(header: string | undefined, scope: Scope): Owner;
}

export interface AccountsOptions {
  readonly random: Random;
  readonly requestsPerMinute: number;
  now(): number;
}

interface Account extends Owner {
  readonly scopes: readonly string[];
  minute: number;
  calls: number;
}

const MINUTE_MS = 60_000;

export function createAccounts({ random, requestsPerMinute, now }: AccountsOptions): Accounts {
  const accounts = new Map<string, Account>();
  const defaultUser = random.gid();

  function addToken(given: NewToken): string {
    rejectUnknown('A token', given, ['scopes', 'user', 'app']);
    const { scopes = ['default'], user = defaultUser, app = 'app' } = given;
    if (!Array.isArray(scopes)) {
      throw new SimulatorError(
        'invalid_option',
        "The scopes of a token are a list, such as ['webhooks:read'].",
      );
    }
    const token = `simulated-${random.hex(24)}`;
    accounts.set(token, { scopes: [...scopes], user, app, minute: 0, calls: 0 });
    return token;
  }

  function authorize(header: string | undefined, scope: Scope): Owner {
    const account = accounts.get(header?.match(/^bearer +(\S+)$/i)?.[1] ?? '');
    if (account === undefined) throw refusals.notAuthorized();
    count(account);
    if (!account.scopes.includes('default') && !account.scopes.includes(scope))
      throw refusals.scopeMissing(scope);
    return account;
  }

  /** Rejected calls count, too. */
  function count(account: Account): void {
    const minute = Math.floor(now() / MINUTE_MS);
    account.calls = account.minute === minute ? account.calls + 1 : 1;
    account.minute = minute;
    if (account.calls > requestsPerMinute) {
      throw refusals.rateLimited(Math.ceil(((minute + 1) * MINUTE_MS - now()) / 1000));
    }
  }

  return { defaultUser, addToken, authorize };
}
