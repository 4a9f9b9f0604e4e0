import type { AsanaEvent } from '../world/asana-event.js';

/** What a webhook wants to hear of; an event passes that matches any of its filters. */
export interface WebhookFilter {
  readonly resource_type: string;
  readonly resource_subtype: string | null;
  readonly action: string | null;
  readonly fields: readonly string[] | null;
}

/** Goals are not named by Asana among the larger scopes, but behave like them elsewhere (inferred). */
const largerScopes: readonly string[] = ['workspace', 'team', 'portfolio', 'goal'];

/** What larger scopes may listen to. Asana lists it for teams and workspaces; for portfolios it is assumed. */
const largerScopeActions: Readonly<Record<string, readonly string[] | undefined>> = {
  project: ['added', 'removed', 'deleted', 'undeleted', 'changed'],
  team_membership: ['added', 'removed'],
  workspace_membership: ['added', 'removed'],
};

export function isLargerScope(resourceType: string): boolean {
  return largerScopes.includes(resourceType);
}

/** Whether events of this kind climb as high as workspaces, teams and portfolios: those of tasks do not. */
export function reachesLargerScopes({ resource, action }: AsanaEvent): boolean {
  if (action === 'sync_error') return true;
  return largerScopeActions[resource?.resource_type ?? '']?.includes(action) ?? false;
}

/** Whether a webhook on a larger scope may have these filters: at least one, all listed, none with fields. */
export function fitLargerScope(filters: readonly WebhookFilter[]): boolean {
  return filters.length > 0 && filters.every(isListed);
}

function isListed({ resource_type, action, fields }: WebhookFilter): boolean {
  const actions = largerScopeActions[resource_type];
  return actions !== undefined && fields === null && (action === null || actions.includes(action));
}

/** Whether a webhook with these filters hears of the event. Every webhook hears that events were lost. */
export function passesFilters(filters: readonly WebhookFilter[], event: AsanaEvent): boolean {
  return (
    filters.length === 0 || event.action === 'sync_error' || filters.some((filter) => matches(filter, event))
  );
}

function matches(filter: WebhookFilter, { resource, action, change }: AsanaEvent): boolean {
  if (filter.resource_type !== resource?.resource_type) return false;
  if (filter.resource_subtype !== null && filter.resource_subtype !== resource.resource_subtype) return false;
  if (filter.action !== null && filter.action !== action) return false;
  return filter.fields === null || (change !== undefined && filter.fields.includes(change.field));
}
