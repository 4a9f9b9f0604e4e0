import type { Asana } from '../create-asana.js';
import type { Webhook } from '../webhooks/webhook.js';
import type { ApiAnswer, ApiCall } from './api-call.js';
import { readFilters } from './read-filters.js';
import { refusals } from './refusal.js';
import { renderWebhook } from './render-webhook.js';

/** `GET /webhooks/{gid}` */
export async function getWebhook(call: ApiCall, asana: Asana): Promise<ApiAnswer> {
  const webhook = findOwn(call, asana);
  return { status: 200, body: { data: renderWebhook(webhook, call.fields, asana.random) } };
}

/** `PUT /webhooks/{gid}`: replaces all filters; target and resource cannot change, and there is no new handshake. */
export async function updateWebhook(call: ApiCall, asana: Asana): Promise<ApiAnswer> {
  const webhook = findOwn(call, asana);
  if (call.input['filters'] === undefined) throw refusals.missingInput('filters');
  webhook.filters = readFilters(call.input, webhook.resource, asana.knobs.filterErrorStatus);
  return { status: 200, body: { data: renderWebhook(webhook, call.fields, asana.random) } };
}

/** `DELETE /webhooks/{gid}`: for good. A delivery in flight may still arrive. */
export async function deleteWebhook(call: ApiCall, asana: Asana): Promise<ApiAnswer> {
  asana.registry.remove(findOwn(call, asana));
  return { status: 200, body: { data: {} } };
}

function findOwn({ gid, owner }: ApiCall, { registry }: Asana): Webhook {
  const webhook = registry.find(gid)?.webhook;
  const isOwn = webhook?.owner.user === owner.user && webhook.owner.app === owner.app;
  if (webhook === undefined || !isOwn) throw refusals.unknownObject(404, 'webhook', gid);
  return webhook;
}
