import { randomBytes } from 'node:crypto';
import type { Receiver } from '@hookshake/core';
import type { AsanaClient } from './client.js';
import { assertGid, assertHookId, invalidOption, rejectUnknownOptions } from './invalid-option.js';
import type { WebhookFilter } from './webhook.js';

/** Options of {@link establish}. */
export interface EstablishOptions {
  /** That of {@link createAsanaClient}, or any with these three calls that settles each within 7 minutes. */
  readonly client: { readonly webhooks: Pick<AsanaClient['webhooks'], 'create' | 'list' | 'delete'> };
  /** A receiver on the store that the target's receiver uses: this very one, or one in another process. */
  readonly receiver: Pick<Receiver, 'expectHandshake' | 'forget'>;
  /** The public URL of the mount, such as `https://example.com/webhooks/asana`. A query is kept. */
  readonly mountUrl: string;
  /** The gid of the resource to hear of. */
  readonly resource: string;
  /** Which events to hear of, all unless told. Required on workspaces, teams, portfolios and goals. */
  readonly filters?: readonly WebhookFilter[] | undefined;
  /**
   * The hook's id below the mount; `default` is the mount itself. Whoever can guess it can block the creation by sending
   * a handshake first.
   * @defaultValue an unguessable one
   */
  readonly hookId?: string | undefined;
  /**
   * The gid of the resource's workspace. Asana lists webhooks by it only, so it is needed to find an existing one, or one
   * whose creation was not answered.
   */
  readonly workspace?: string | undefined;
  /**
   * What to do if the webhook exists already, so that the call may be repeated at each start. Needs `workspace` and
   * `hookId`.
   * - `keep`: leaves it as it is, its filters too. The secret store must be one that lasts: whether it still holds the
   *   webhook's secret shows only once it has refused a delivery, and is then `secret_lost`.
   * - `replace`: deletes it, forgets its secret, and creates it anew. What happens in between is not heard of.
   * @defaultValue none: fails with `webhook_exists`
   */
  readonly ifExists?: 'keep' | 'replace' | undefined;
  /** Gives up, and cleans up what was made. The cleaning up itself is not cut short. */
  readonly signal?: AbortSignal | undefined;
}

/** The options, checked, and what follows from them. */
export interface EstablishSettings extends Omit<EstablishOptions, 'mountUrl'> {
  readonly hookId: string;
  /** The hook id was made for this call, so nobody else can have a webhook at its target. */
  readonly isMinted: boolean;
  readonly target: string;
}

/** Throws `invalid_option`, with the option's name, for whatever cannot be meant. */
export function readEstablishOptions(options: EstablishOptions): EstablishSettings {
  const { client, receiver, mountUrl, resource, filters, hookId, workspace, ifExists, signal, ...unknown } =
    options;
  rejectUnknownOptions(unknown, 'establish');
  assertGid('resource', resource);
  if (workspace !== undefined) assertGid('workspace', workspace);
  if (filters !== undefined && !Array.isArray(filters)) throw invalidOption('filters', 'must be a list');
  if (hookId !== undefined) assertHookId(hookId);
  if (ifExists !== undefined && ifExists !== 'keep' && ifExists !== 'replace') {
    throw invalidOption('ifExists', "must be 'keep' or 'replace'");
  }
  if (ifExists !== undefined && (workspace === undefined || hookId === undefined)) {
    throw invalidOption(
      'ifExists',
      'needs `workspace`, by which Asana lists webhooks, and a `hookId` that stays the same',
    );
  }

  const id = hookId ?? randomBytes(16).toString('base64url');
  return {
    client,
    receiver,
    resource,
    filters,
    workspace,
    ifExists,
    signal,
    hookId: id,
    isMinted: hookId === undefined,
    target: targetOf(mountUrl, id),
  };
}

function targetOf(mountUrl: string, hookId: string): string {
  const target = URL.canParse(mountUrl) ? new URL(mountUrl) : undefined;
  if (target === undefined || !/^https?:$/.test(target.protocol) || target.hash !== '') {
    throw invalidOption('mountUrl', 'must be the public http or https URL of the mount, without a fragment');
  }
  if (hookId !== 'default') target.pathname = `${target.pathname.replace(/\/$/, '')}/${hookId}`;
  return target.href;
}
