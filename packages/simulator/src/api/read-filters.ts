import type { WebhookFilter } from '../webhooks/webhook-filter.js';
import { fitLargerScope, isLargerScope } from '../webhooks/webhook-filter.js';
import type { Resource } from '../world/create-world.js';
import { type Input, isRecord, parseJson } from './read-input.js';
import { refusals } from './refusal.js';

/**
 * The filters that a call sets on a webhook for this resource. In forms and queries they stand as JSON text.
 * @throws Refusal 400, or `filterErrorStatus` where they do not fit a larger scope
 */
export function readFilters(
  input: Input,
  resource: Resource,
  filterErrorStatus: number,
): readonly WebhookFilter[] {
  const given = typeof input['filters'] === 'string' ? parseJson(input['filters']) : (input['filters'] ?? []);
  if (!Array.isArray(given)) throw refusals.invalidInput('filters', 'Not an array');
  const filters = given.map(readFilter);
  if (isLargerScope(resource.resource_type) && !fitLargerScope(filters)) {
    throw refusals.filtersForLargerScope(filterErrorStatus);
  }
  return filters;
}

function readFilter(given: unknown): WebhookFilter {
  if (!isRecord(given)) throw refusals.invalidInput('filters', 'Not an array of objects');
  const { resource_type, resource_subtype = null, action = null, fields = null } = given;
  if (typeof resource_type !== 'string') throw refusals.missingInput('filters.resource_type');
  if (!isTextOrNull(resource_subtype))
    throw refusals.invalidInput('filters.resource_subtype', 'Not a string');
  if (!isTextOrNull(action)) throw refusals.invalidInput('filters.action', 'Not a string');
  if (!isTextsOrNull(fields)) throw refusals.invalidInput('filters.fields', 'Not an array of strings');
  if (fields !== null && action !== 'changed') {
    throw refusals.invalidInput('filters.fields', "Only valid with the action 'changed'");
  }
  return { resource_type, resource_subtype, action, fields };
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function isTextsOrNull(value: unknown): value is readonly string[] | null {
  return value === null || (Array.isArray(value) && value.every((item) => typeof item === 'string'));
}
