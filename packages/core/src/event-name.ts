import type {
  AsanaEvent,
  EventCatalogue,
  FieldChangedEvent,
  ResourceEvent,
  SyncErrorEvent,
} from './event.js';
import { HookshakeError } from './hookshake-error.js';

type ResourceType = keyof EventCatalogue & string;
type ActionOf<Type extends ResourceType> = EventCatalogue[Type]['action'] & string;
type FieldOf<Type extends ResourceType> = EventCatalogue[Type]['field'] & string;

type NameOf<Type extends ResourceType> =
  | `${Type}.*`
  | `${Type}.${ActionOf<Type>}`
  | (FieldOf<Type> extends never ? never : `${Type}.changed.${FieldOf<Type>}`);

/** The names of events that carry a resource: `task.changed`, `task.changed.assignee`, `story.*`. */
type ResourceEventName = { [Type in ResourceType]: NameOf<Type> }[ResourceType];

/**
 * What a handler can be registered for: `task.added`, `task.changed`, `task.changed.assignee`, `story.*`, `*` (every
 * event, `sync_error` included), `sync_error`, and `heartbeat`, which carries no event.
 */
export type EventName = ResourceEventName | '*' | 'sync_error' | 'heartbeat';

/** The event that a handler for the name gets. */
export type EventOf<Name extends EventName> = Name extends '*'
  ? AsanaEvent
  : Name extends 'sync_error'
    ? SyncErrorEvent
    : Name extends 'heartbeat'
      ? undefined
      : Name extends `${infer Type extends ResourceType}.changed.${infer Field}`
        ? FieldChangedEvent<Type, Field>
        : Name extends `${infer Type extends ResourceType}.*`
          ? AnyActionOf<Type>
          : Name extends `${infer Type extends ResourceType}.${infer Action}`
            ? ResourceEvent<Type, Action, FieldOf<Type> | (string & {})>
            : never;

/** A union over the actions, so that a handler for `story.*` can narrow by `event.action`. */
type AnyActionOf<Type extends ResourceType> = {
  [Action in ActionOf<Type>]: ResourceEvent<Type, Action, FieldOf<Type> | (string & {})>;
}[ActionOf<Type>];

const GRAMMAR = /^(?:\*|sync_error|heartbeat|[a-z][a-z_]*\.(?:\*|[a-z][a-z_]*|changed\.[a-z][a-z_]*))$/;

/** Throws `invalid_event_name` unless the text follows the grammar of event names. */
export function assertEventName(name: string): void {
  if (GRAMMAR.test(name)) return;
  throw new HookshakeError(
    'invalid_event_name',
    `${JSON.stringify(name)} is no event name. Write 'task.changed', 'task.changed.assignee', 'story.*', '*', ` +
      `'sync_error' or 'heartbeat'`,
  );
}

const ACTIONS: readonly string[] = ['*', 'added', 'changed', 'deleted', 'removed', 'undeleted'];

/** Whether the action of a name, if it has one, is one that Asana is known to send. */
export function hasKnownAction(name: string): boolean {
  const [, action] = name.split('.', 2);
  return action === undefined || ACTIONS.includes(action);
}

const WORD = /^[a-z][a-z_]{0,63}$/;
const MAX_CACHED_NAMES = 1_000;

/** A tree of names by type, action and field: few make up nearly all events, and to join one costs more than to find it. */
interface Names {
  name: string | undefined;
  readonly below: Map<unknown, Names>;
}

const names: Names = { name: undefined, below: new Map() };
let cachedNames = 0;

/**
 * The most specific name of an event, whether or not anyone has documented it. What is no word of Asana's kind reads as
 * `unknown`: a signed body may hold anything, and names end up in logs.
 */
export function nameOf(event: AsanaEvent): string {
  const { action, resource, change } = event;
  if (action === 'sync_error') return 'sync_error';
  const type = resource?.resource_type;
  const ofAction = names.below.get(type)?.below.get(action);
  const known = change ? ofAction?.below.get(change.field) : ofAction;
  return known?.name ?? keepName(change ? [type, action, change.field] : [type, action]);
}

function isWord(part: unknown): part is string {
  return typeof part === 'string' && WORD.test(part);
}

function keepName(parts: readonly unknown[]): string {
  const name = parts.map((part) => (isWord(part) ? part : 'unknown')).join('.');
  if (!parts.every(isWord) || cachedNames >= MAX_CACHED_NAMES) return name;
  let at = names;
  for (const part of parts) {
    const below = at.below.get(part) ?? { name: undefined, below: new Map() };
    at.below.set(part, below);
    at = below;
  }
  at.name = name;
  cachedNames++;
  return name;
}

/** All names that an event with this most specific name answers to: `task.changed.name` to `task.changed` as well. */
export function namesOf(name: string): readonly string[] {
  const [type, action] = name.split('.', 2);
  return action === undefined ? ['*', name] : ['*', `${type}.*`, `${type}.${action}`, name];
}

/**
 * Whether an event is of the given name: the type guard for handlers on `*`.
 *
 * @example
 * ```ts
 * receiver.on('*', (event) => {
 *   if (is(event, 'task.changed.assignee')) console.log(event.change.new_value?.gid);
 * });
 * ```
 */
export function is<Name extends Exclude<EventName, 'heartbeat' | '*'>>(
  event: AsanaEvent,
  name: Name,
): event is EventOf<Name> & AsanaEvent {
  return namesOf(nameOf(event)).includes(name);
}
