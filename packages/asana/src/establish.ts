import { type HandshakeWindow, isHookshakeError } from '@hookshake/core';
import { AsanaError, isAsanaError } from './asana-error.js';
import { type CleanUp, explainFailure } from './establish-failure.js';
import { type EstablishOptions, type EstablishSettings, readEstablishOptions } from './establish-options.js';
import { deleteIfThere } from './remove.js';
import { LONGEST_POST_MS } from './request.js';
import type { Webhook } from './webhook.js';

/** A minute longer than the creation can take, with all its waiting for 429s, in milliseconds. */
const WINDOW_MS = LONGEST_POST_MS + 60_000;

/** A webhook that both sides know. */
export interface Established {
  readonly webhook: Webhook;
  readonly hookId: string;
  /** The URL Asana posts to. */
  readonly target: string;
}

/** How far an attempt has come. */
interface Progress {
  /** Gid of the webhook that was deleted to make room. */
  replaced?: string;
  /** Asana was asked to create. */
  asked?: true;
  /** Gid of the webhook that Asana says it created. */
  made?: string;
}

/**
 * Creates a webhook from end to end: expects the handshake, creates, and confirms the secret by Asana's answer, which is
 * the only authenticated word on it. When it fails, it cleans up what it made and nothing else.
 *
 * @throws {@link AsanaError} or {@link HookshakeError}, each with a code and a remedy: see `docs/errors.md`.
 * @example
 * ```ts
 * const { webhook, hookId } = await establish({
 *   client,
 *   receiver,
 *   mountUrl: 'https://example.com/webhooks/asana',
 *   resource: '1200000000000001',
 * });
 * ```
 */
export async function establish(options: EstablishOptions): Promise<Established> {
  const settings = readEstablishOptions(options);
  const { client, receiver, resource, filters, hookId, target, ifExists, signal } = settings;
  if (signal?.aborted) {
    throw new AsanaError('aborted', 'establish() was aborted before it began', { cause: signal.reason });
  }

  const existing = ifExists === undefined ? undefined : await lookForExisting(settings);
  if (existing !== undefined && ifExists === 'keep') {
    assertNotRefused(existing);
    return { webhook: existing, hookId, target };
  }

  // Before anything is deleted: it fails while another call is establishing this hook.
  const window = await receiver.expectHandshake(hookId, { confirm: true, withinMs: WINDOW_MS });
  const progress: Progress = {};
  try {
    if (existing !== undefined) {
      await deleteIfThere(client, existing.gid);
      progress.replaced = existing.gid;
      await receiver.forget(hookId, { webhook: existing.gid });
    }
    progress.asked = true;
    const { webhook, secret } = await client.webhooks.create({ resource, target, filters }, { signal });
    progress.made = webhook.gid;
    if (secret === undefined) throw new AsanaError('secret_missing', SECRET_MISSING);
    await window.confirm(secret, { webhook: webhook.gid });
    return { webhook, hookId, target };
  } catch (error) {
    throw explainFailure(error, target, await cleanUp(error, window, progress, settings));
  }
}

async function lookForExisting(settings: EstablishSettings): Promise<Webhook | undefined> {
  try {
    return await findByTarget(settings, settings.signal);
  } catch (error) {
    if (isHookshakeError(error)) throw error;
    // A client of somebody's own. Nothing was done yet.
    throw explainFailure(error, settings.target, {
      handshakeCame: undefined,
      remarks: [],
      webhook: undefined,
    });
  }
}

/**
 * Undoes what the attempt did: its window with its pending secret, and the webhook of its own 201; where the answer was
 * lost, the webhook of a target that nobody else can have minted. The window goes first, so that a handshake which is
 * still to come is refused and Asana creates nothing.
 */
async function cleanUp(
  error: unknown,
  window: HandshakeWindow,
  { replaced, asked, made }: Progress,
  settings: EstablishSettings,
): Promise<CleanUp> {
  const { client, receiver, hookId, isMinted, workspace } = settings;
  const remarks =
    replaced === undefined ? [] : [`The webhook ${replaced}, which was to be replaced, is deleted`];

  let handshakeCame: boolean | undefined;
  try {
    handshakeCame = await closeWindow(window);
    // A store that failed while confirming may have confirmed all the same.
    if (made !== undefined) await receiver.forget(hookId, { webhook: made });
  } catch {
    // The error that is being explained matters more.
    remarks.push(STORE_NOT_TOLD);
  }

  const isInDoubt = asked === true && made === undefined && !isRefusal(error);
  let ours = made;
  try {
    if (isInDoubt && isMinted && workspace !== undefined) ours = (await findByTarget(settings))?.gid;
    if (ours !== undefined) {
      await deleteIfThere(client, ours);
      remarks.push(`The webhook ${ours}, which was created, is deleted`);
    } else if (isInDoubt) {
      remarks.push(handshakeCame === false ? NOT_CREATED : mayStarve());
    }
  } catch {
    // As above.
    remarks.push(ours === undefined && handshakeCame === false ? NOT_CREATED : mayStarve(ours));
  }
  return { handshakeCame, remarks, webhook: ours ?? (await findExisting(error, settings)) };
}

/**
 * Closes the window and forgets what is pending of it: no secret equals an empty one. Unlike `cancel`, this tells whether
 * a handshake had come.
 */
async function closeWindow(window: HandshakeWindow): Promise<boolean> {
  try {
    await window.confirm('');
    return true;
  } catch (error) {
    if (isHookshakeError(error, 'handshake_mismatch')) return true;
    if (isHookshakeError(error, 'handshake_missing')) return false;
    throw error;
  }
}

/** Whether the error proves that Asana created nothing. */
function isRefusal(error: unknown): boolean {
  if (!isAsanaError(error)) return false;
  return error.code === 'token_failed' || (error.status !== undefined && error.status < 500);
}

async function findByTarget(
  { client, workspace, resource, target }: EstablishSettings,
  signal?: AbortSignal,
): Promise<Webhook | undefined> {
  if (workspace === undefined) return undefined;
  for await (const webhook of client.webhooks.list({ workspace, resource }, { signal })) {
    if (webhook.target === target) return webhook;
  }
  return undefined;
}

/** Gid of the webhook that made Asana refuse a second one. */
async function findExisting(error: unknown, settings: EstablishSettings): Promise<string | undefined> {
  if (!isAsanaError(error, 'webhook_exists')) return undefined;
  // The gid is a service; a token that may not list must not hide the error.
  const found = await findByTarget(settings).catch(() => undefined);
  return found?.gid;
}

/** Asana repeats what the target answered last. 401 is what a receiver answers that has no secret for a webhook. */
function assertNotRefused({ gid, failure_deletion_timestamp, last_failure_content }: Webhook): void {
  const isFailing = typeof failure_deletion_timestamp === 'string';
  if (!isFailing || !/^401\b/.test(last_failure_content)) return;
  throw new AsanaError(
    'secret_lost',
    `The target answers 401 to the deliveries of the webhook ${gid}, so the secret store does not hold its secret, and ` +
      `Asana will delete it at ${failure_deletion_timestamp}. Pass ifExists: 'replace' once, and use a store that lasts`,
    { webhook: gid },
  );
}

const SECRET_MISSING =
  "Asana's answer held no X-Hook-Secret, so nothing proves whose secret the handshake brought. Check the apiUrl and what " +
  'stands between here and Asana';

const NOT_CREATED = 'No handshake had come, and one that comes now is refused, so Asana creates nothing';

const STORE_NOT_TOLD =
  `The secret store could not be told: the window closes by itself within ${WINDOW_MS / 60_000} minutes, and a secret ` +
  'that nobody confirmed is forgotten after 10';

function mayStarve(gid?: string): string {
  const which =
    gid === undefined
      ? 'A webhook that Asana may have created was not found'
      : `The webhook ${gid} could not be deleted`;
  return `${which}; its secret is forgotten, so its deliveries are refused and Asana deletes it within a day`;
}
