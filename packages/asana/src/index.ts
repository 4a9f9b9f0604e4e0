export { AsanaError, type AsanaErrorCode, type AsanaErrorDetails, isAsanaError } from './asana-error.js';
export { type AsanaClient, type AsanaClientOptions, createAsanaClient, type WebhookPage } from './client.js';
export { type Established, establish } from './establish.js';
export type { EstablishOptions } from './establish-options.js';
export type { Token } from './read-token.js';
export { type RemoveOptions, remove } from './remove.js';
export type { Wait } from './request.js';
export type { Webhook, WebhookFilter } from './webhook.js';
