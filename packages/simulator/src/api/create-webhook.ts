import type { Asana } from '../create-asana.js';
import { subscribe } from '../webhooks/subscribe.js';
import type { ApiAnswer, ApiCall } from './api-call.js';
import { checkTarget } from './check-target.js';
import { readFilters } from './read-filters.js';
import { readText } from './read-input.js';
import { refusals } from './refusal.js';
import { renderWebhook } from './render-webhook.js';

/** `POST /webhooks`. The answer repeats the secret beside the record: the only word on it that is authenticated. */
export async function createWebhook(
  { owner, input, apiUrl, fields }: ApiCall,
  asana: Asana,
): Promise<ApiAnswer> {
  const { knobs, world, faults, random } = asana;
  const resourceGid = readText(input, 'resource');
  if (resourceGid === undefined) throw refusals.resourceMissing();
  const target = readText(input, 'target');
  if (target === undefined) throw refusals.missingInput('target');
  const resource = world.find(resourceGid);
  if (resource === undefined)
    throw refusals.unknownObject(knobs.unknownResourceStatus, 'resource', resourceGid);
  const filters = readFilters(input, resource, knobs.filterErrorStatus);
  checkTarget(target, knobs);

  const webhook = await subscribe({ owner, resource, target, filters }, asana);

  if (faults.take('answer-lost') !== undefined) return { lost: 'cut' };
  if (faults.take('answer-withheld') !== undefined) return { lost: 'withheld' };
  const told =
    faults.take('secret-differs') === undefined
      ? webhook.secret
      : random.fork(`other secret ${webhook.gid}`).hex(webhook.secret.length);
  const secret = faults.take('secret-missing') === undefined ? { 'X-Hook-Secret': told } : {};
  return {
    status: 201,
    headers: { location: `${apiUrl}/webhooks/${webhook.gid}` },
    body: { data: renderWebhook(webhook, fields, random), ...secret },
  };
}
