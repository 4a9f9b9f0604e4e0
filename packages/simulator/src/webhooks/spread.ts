import type { Happening } from '../world/apply-change.js';
import type { Registry } from './create-registry.js';
import { isLargerScope, passesFilters, reachesLargerScopes } from './webhook-filter.js';

/** Queues events with the webhooks that hear of them: on the resource, and on what it is in, near and far. */
export function spread({ events, heardAt }: Happening, registry: Registry): void {
  for (const { gid, resource_type } of heardAt) {
    const carried = isLargerScope(resource_type) ? events.filter(reachesLargerScopes) : events;
    if (carried.length === 0) continue;
    for (const { webhook, outbox } of registry.listeningTo(gid)) {
      for (const event of carried) if (passesFilters(webhook.filters, event)) outbox.add(event);
    }
  }
}
