import { fromStore, oddAnswer } from './from-store.js';
import { assertHookId } from './hook-id.js';
import { HookshakeError } from './hookshake-error.js';
import { assertNoOthers, assertWithin, invalidOption } from './option-checks.js';
import type { SecretStore, SettleResult } from './secret-store.js';

/** Options of {@link Receiver.expectHandshake}. */
export interface ExpectHandshakeOptions {
  /** How long the handshake is waited for, in milliseconds, 1 to 3600000. @defaultValue 120000 (2 minutes) */
  readonly withinMs?: number | undefined;
  /**
   * Whether the secret counts only after {@link HandshakeWindow.confirm}. Until then it verifies heartbeats only, and
   * after 10 minutes it is forgotten. Without it, whoever answers to the window first is trusted.
   * @defaultValue false
   */
  readonly confirm?: boolean | undefined;
}

/** The time in which one handshake of one hook is expected. */
export interface HandshakeWindow {
  /**
   * Confirms the secret that the handshake brought, by the one that Asana's answer to `POST /webhooks` repeats: the only
   * authenticated word on it. Compared in constant time.
   *
   * @param details - The webhook's gid, by which its secret can be forgotten later.
   * @throws {@link HookshakeError} `handshake_mismatch`: another secret came, perhaps a stranger's; it is forgotten now,
   * and the webhook should be deleted at Asana. `handshake_missing`: none came, or it was not confirmed in time.
   * `invalid_option`: the secret or the gid is no text. `window_not_confirming`: the window was not opened with
   * `confirm: true`. `store_failed`: the store's error is the `cause`.
   */
  confirm(secret: string, details?: { readonly webhook?: string | undefined }): Promise<void>;
  /** Closes the window and forgets its secret unless that was confirmed. Nothing else is touched. */
  cancel(): Promise<void>;
}

/** Opens a window in the store. */
export async function openHandshakeWindow(
  store: SecretStore,
  hookId: string,
  { withinMs = 120_000, confirm = false, ...unknown }: ExpectHandshakeOptions = {},
): Promise<HandshakeWindow> {
  assertHookId(hookId);
  assertNoOthers(unknown, 'expectHandshake()');
  assertWithin('withinMs', withinMs, 3_600_000);

  const windowId = await fromStore(async () => windowIdOf(await store.open(hookId, { withinMs, confirm })));
  if (windowId === undefined) {
    throw new HookshakeError(
      'window_already_open',
      `A handshake of the hook '${hookId}' is expected already, perhaps since an earlier run of this program. Wait until ` +
        'its time is over (two minutes unless told otherwise), or use another hook id. If no secret of this hook is in ' +
        `use,  await receiver.forget('${hookId}')  ends the waiting`,
    );
  }

  return {
    async confirm(secret, details) {
      if (!confirm) {
        throw new HookshakeError(
          'window_not_confirming',
          'This window takes its secret as it comes. Open it with { confirm: true } to confirm the secret',
        );
      }
      if (typeof secret !== 'string') {
        throw new HookshakeError(
          'invalid_option',
          'confirm() needs the secret of the 201, its X-Hook-Secret, as text',
        );
      }
      const { webhook, ...others } = details ?? {};
      assertNoOthers(others, 'confirm()');
      if (webhook !== undefined && typeof webhook !== 'string') {
        throw invalidOption('webhook', 'must be the gid of the webhook, as text');
      }
      const result = await fromStore(async () =>
        settled(await store.settle(hookId, windowId, secret, details)),
      );
      if (result === 'mismatch') {
        throw new HookshakeError(
          'handshake_mismatch',
          `The hook '${hookId}' got another secret than Asana's. A stranger may have been faster; that secret is ` +
            'forgotten. Delete the webhook at Asana and create it anew under an unguessable hook id',
        );
      }
      if (result === 'none') {
        throw new HookshakeError(
          'handshake_missing',
          `The hook '${hookId}' has no handshake to confirm: none came through this window, or 10 minutes have passed. ` +
            'Check that the target reaches this receiver and that both share one secret store',
        );
      }
    },

    async cancel() {
      await fromStore(() => store.settle(hookId, windowId, null));
    },
  };
}

/** A database has `null` where a store has to answer `undefined`. */
function windowIdOf(answer: string | null | undefined): string | undefined {
  if (answer === undefined || answer === null) return undefined;
  if (typeof answer === 'string' && answer !== '') return answer;
  throw oddAnswer('open()', 'the id of the window as text, and undefined while another one is open');
}

function settled(answer: SettleResult): SettleResult {
  if (answer === 'confirmed' || answer === 'mismatch' || answer === 'none') return answer;
  throw oddAnswer('settle()', "'confirmed', 'mismatch' or 'none'");
}
