import type { EventResource } from './asana-event.js';
import type { Resource } from './create-world.js';

/** A resource as events name it. */
export function refer({ gid, resource_type, resource_subtype }: Resource): EventResource {
  return resource_subtype === undefined ? { gid, resource_type } : { gid, resource_type, resource_subtype };
}
