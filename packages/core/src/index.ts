export { type EncryptedOptions, encrypted } from './encrypted.js';
export type {
  AsanaEvent,
  AsanaResource,
  CustomFieldValue,
  EventCatalogue,
  EventChange,
  FieldChangedEvent,
  ResourceEvent,
  SyncErrorEvent,
} from './event.js';
export { eventKey } from './event-key.js';
export { type EventName, type EventOf, is } from './event-name.js';
export type { Handler, HandlerContext } from './handler.js';
export type { HandshakeAttempt, HandshakeRule } from './handshake.js';
export type { ExpectHandshakeOptions, HandshakeWindow } from './handshake-window.js';
export { hookIdBelowMount, hookIdInPath, isHookId } from './hook-id.js';
export { type ErrorCode, HookshakeError, isHookshakeError, type ThrownCode } from './hookshake-error.js';
export type { HookRequest, HookResponse } from './http.js';
export {
  type Attempt,
  backoffDelay,
  type FailedEvent,
  type Inbox,
  type InboxEvent,
  type InboxStats,
  type InboxWork,
  type InboxWorker,
  LANE_HOLD_MS,
  MAX_CRASHES,
  type Page,
  type PageOptions,
  type ParkedDelivery,
  pageLimit,
  type RawDelivery,
  SEEN_MS,
  WORKER_DIED,
} from './inbox.js';
export type { StartOptions } from './inbox-work.js';
export type { Logger } from './logger.js';
export { type MemoryInbox, type MemoryInboxOptions, memoryInbox } from './memory-inbox.js';
export { type MemorySecretsOptions, memorySecrets } from './memory-secrets.js';
export { assertMount, type Mount } from './mount.js';
export { createNotice, type Notice } from './notices.js';
export type { EventCode, EventOutcome, Outcome, RequestCode, RequestOutcome } from './outcome.js';
export { createReceiver, type Receiver } from './receiver.js';
export type { ReceiverOptions } from './receiver-options.js';
export {
  type AcceptResult,
  type AcceptWhen,
  type Awaitable,
  type Durability,
  MAX_SECRETS_PER_HOOK,
  PENDING_MS,
  type SecretStore,
  type SettleResult,
  type StoredSecret,
  type WindowOptions,
} from './secret-store.js';
export { secretsEqual } from './secrets-equal.js';
export { sign, verify } from './signature.js';
