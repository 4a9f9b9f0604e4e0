import type { Receiver } from '@hookshake/core';
import { isAsanaError } from './asana-error.js';
import type { AsanaClient } from './client.js';
import { assertGid, assertHookId, rejectUnknownOptions } from './invalid-option.js';

/** Options of {@link remove}. */
export interface RemoveOptions {
  readonly client: { readonly webhooks: Pick<AsanaClient['webhooks'], 'delete'> };
  readonly receiver: Pick<Receiver, 'forget'>;
  readonly hookId: string;
  /** The webhook's gid. */
  readonly webhook: string;
}

/**
 * Deletes a webhook at Asana, then forgets its secret; other secrets of the hook stay. One that Asana has deleted already
 * is no error. A delivery that is under way meanwhile is refused.
 *
 * @throws {@link AsanaError}; the secret is kept then. {@link HookshakeError} `store_failed`: the webhook is deleted, its
 * secret may be kept. Either way the call may be repeated.
 */
export async function remove(options: RemoveOptions): Promise<void> {
  const { client, receiver, hookId, webhook, ...unknown } = options;
  rejectUnknownOptions(unknown, 'remove');
  // Before anything is deleted, which nobody can undo.
  assertGid('webhook', webhook);
  assertHookId(hookId);
  await deleteIfThere(client, webhook);
  await receiver.forget(hookId, { webhook });
}

/** Deletes a webhook, unless somebody or Asana was faster. */
export async function deleteIfThere(client: RemoveOptions['client'], webhook: string): Promise<void> {
  try {
    await client.webhooks.delete(webhook);
  } catch (error) {
    if (!isAsanaError(error, 'not_found')) throw error;
  }
}
