import { type EventName, type EventOf, HookshakeError } from '@hookshake/core';

/** The names that {@link event} makes an event for: all that name one kind of event. */
export type SingleEventName = Exclude<EventName, '*' | 'heartbeat' | `${string}.*`>;

const FIRST_GID = 1_200_000_000_000_000;
const FIRST_CREATED_AT = Date.UTC(2026, 0, 5, 9);

/** Asana does not say what else has a subtype, so only those that were seen in deliveries get one. */
const SUBTYPES: Readonly<Record<string, string>> = { task: 'default_task', story: 'comment_added' };

let made = 0;

/**
 * An event as Asana would send it. Each one made in a process has a resource and a millisecond of its own, counted up
 * from fixed values, so that a test sees the same ones in every run. Who sends them to a store that outlasts the process
 * gives `created_at`: an event that comes again is skipped.
 *
 * @param overrides - Properties to set instead of the defaults.
 * @throws {@link HookshakeError} `invalid_event_name`: the name means no single kind of event.
 * @example
 * ```ts
 * const assigned = event('task.changed.assignee', { user: null });
 * ```
 */
export function event<Name extends SingleEventName>(
  name: Name,
  overrides: Partial<EventOf<Name>> = {},
): EventOf<Name> {
  if (name.endsWith('*') || (name as string) === 'heartbeat') {
    throw new HookshakeError(
      'invalid_event_name',
      `'${name}' is not the name of one event. Name its kind, as in 'task.changed'; a heartbeat is delivery([])`,
    );
  }
  made++;
  const [type = '', action = '', field] = name.split('.');
  const common = {
    user: { gid: String(FIRST_GID), resource_type: 'user' },
    created_at: new Date(FIRST_CREATED_AT + made).toISOString(),
  };
  const own =
    name === 'sync_error'
      ? { action: name, message: 'There was an error with the event queue', resource: null, parent: null }
      : {
          action,
          resource: resource(type, String(FIRST_GID + made)),
          parent: action === 'added' || action === 'removed' ? resource('project', String(FIRST_GID)) : null,
          ...(field !== undefined && { change: { field, action: 'changed' } }),
        };
  // What a name asks for is worked out by the types above; here the name is only text.
  return { ...common, ...own, ...overrides } as unknown as EventOf<Name>;
}

function resource(type: string, gid: string): object {
  const subtype = SUBTYPES[type];
  return { gid, resource_type: type, ...(subtype !== undefined && { resource_subtype: subtype }) };
}
