export type { AdapterCase } from './adapter-battery/adapter-case.js';
export type { AdapterUnderTest, AdapterWiring } from './adapter-battery/adapter-under-test.js';
export { adapterBattery } from './adapter-battery.js';
export { type CapturedDelivery, capturedDeliveries } from './captured-deliveries.js';
export { type CrashProcess, type CrashReport, type CrashRoundsOptions, crashRounds } from './crash-rounds.js';
export { delivery } from './delivery.js';
export { event, type SingleEventName } from './event.js';
export { type HandlerCase, handlerBattery } from './handler-battery.js';
export { handshake } from './handshake.js';
export {
  type InboxCase,
  type InboxNeed,
  type InboxSetup,
  type InboxSubject,
  inboxBattery,
} from './inbox-battery.js';
export { connectRaw, type RawConnection, type RawResponse, sendRaw } from './raw-connection.js';
export { type RequestParts, requestBytes } from './request-bytes.js';
export type { InjectOptions, SampleRequest, SampleRequestOptions } from './sample-request.js';
export {
  type SecretStoreCase,
  type SecretStoreSetup,
  type SecretStoreSubject,
  secretStoreBattery,
} from './secret-store-battery.js';
export { type ListeningServer, serveListener } from './serve-listener.js';
export { simpleDelivery, simpleWork } from './simple-work.js';
