import { rejectUnknown } from '../reject-unknown.js';
import { SimulatorError } from '../simulator-error.js';
import type { AsanaEvent, EventAction, EventChange } from './asana-event.js';
import { listAncestors, type Resource, type World } from './create-world.js';
import { refer } from './refer.js';
import { type StoryTelling, tellStory } from './tell-story.js';

/** Something that happened to a resource. */
export interface Change {
  /** @defaultValue 'changed' */
  readonly action?: EventAction | undefined;
  /** With `changed`: the field that changed. `completed` changes `completed_at`, too. */
  readonly field?: string | undefined;
  /**
   * With `changed`: what happened to the field.
   * @defaultValue `added` or `removed` where such a value is given, else `changed`
   */
  readonly change?: EventChange['action'] | undefined;
  /** With `changed`: the new value, where it is a resource: gid and type. */
  readonly new_value?: unknown;
  readonly added_value?: unknown;
  readonly removed_value?: unknown;
  /**
   * With `added` and `removed`: gid of what it goes into or out of.
   * @defaultValue everything it is in, so that `added` tells of a creation
   */
  readonly parent?: string | undefined;
  /**
   * Gid of who did it; null for the system.
   * @defaultValue the simulator's user
   */
  readonly user?: string | null | undefined;
  /** With `sync_error`: its message. */
  readonly message?: string | undefined;
}

/** The events that one change makes, all of one millisecond, and the resources whose webhooks may hear of them. */
export interface Happening {
  readonly events: readonly AsanaEvent[];
  readonly heardAt: ReadonlySet<Resource>;
}

export interface Circumstances extends StoryTelling {
  readonly world: World;
  readonly now: number;
  readonly defaultUser: string;
}

/** What a change is told with: who and when, and all that may come of it. */
interface Occurrence extends Circumstances {
  readonly resource: Resource;
  readonly change: Change;
  readonly stamp: Pick<AsanaEvent, 'user' | 'created_at'>;
}

const actions: readonly string[] = ['added', 'changed', 'deleted', 'removed', 'undeleted', 'sync_error'];
const values = ['new_value', 'added_value', 'removed_value'] as const;
const known = ['action', 'field', 'change', ...values, 'parent', 'user', 'message'];

/**
 * Changes the world, and tells the events that Asana makes of it.
 * @throws SimulatorError `unknown_resource`, `unknown_option` or `invalid_option`
 */
export function applyChange(resource: Resource, change: Change, circumstances: Circumstances): Happening {
  rejectInvalid(change);
  const user = change.user === undefined ? circumstances.defaultUser : change.user;
  const stamp = {
    user: user === null ? null : { gid: user, resource_type: 'user' },
    created_at: new Date(circumstances.now).toISOString(),
  };
  const occurrence = { ...circumstances, resource, change, stamp };
  const { action = 'changed' } = change;
  if (action === 'changed') return changeField(occurrence);
  if (action === 'added') return enter(occurrence);
  if (action === 'removed') return leave(occurrence);
  if (action === 'sync_error') return loseEvents(occurrence);
  return {
    events: [{ ...stamp, action, resource: refer(resource), parent: null }],
    heardAt: listAncestors(resource),
  };
}

function rejectInvalid(change: Change): void {
  rejectUnknown('A change', change, known);
  if (change.action !== undefined && !actions.includes(change.action)) {
    throw new SimulatorError('invalid_option', `The action must be one of: ${actions.join(', ')}.`);
  }
  if (change.field !== undefined && (change.action ?? 'changed') !== 'changed') {
    throw new SimulatorError('invalid_option', "Only the action 'changed' has a 'field'.");
  }
}

function changeField(occurrence: Occurrence): Happening {
  const { resource, change, stamp } = occurrence;
  const { field } = change;
  const event = { ...stamp, action: 'changed', resource: refer(resource), parent: null } as const;
  const heardAt = listAncestors(resource);
  if (field === undefined) return { events: [event], heardAt };
  // Completing a task gave two events of one millisecond in a capture of 2021.
  const isCompletion = resource.resource_type === 'task' && field === 'completed';
  const fields = isCompletion ? ['completed', 'completed_at'] : [field];
  const events = fields.map((name) => ({ ...event, change: describeChange(name, change) }));
  return { events: [...events, ...tellStory(field, resource, stamp, occurrence)], heardAt };
}

function describeChange(field: string, change: Change): EventChange {
  const given = values.filter((name) => change[name] !== undefined);
  const implied = given.includes('added_value')
    ? 'added'
    : given.includes('removed_value')
      ? 'removed'
      : 'changed';
  const told = Object.fromEntries(given.map((name) => [name, change[name]]));
  return { field, action: change.change ?? implied, ...told };
}

function enter(occurrence: Occurrence): Happening {
  const { resource, stamp } = occurrence;
  const holders = listHolders(occurrence);
  for (const holder of holders) resource.parents.add(holder);
  const events = holders.map((holder) => tellMove('added', holder, occurrence));
  const isInProject = holders.some(({ resource_type }) => resource_type === 'project');
  const stories = isInProject ? tellStory('project', resource, stamp, occurrence) : [];
  return { events: [...events, ...stories], heardAt: listAncestors(resource) };
}

function leave(occurrence: Occurrence): Happening {
  const { resource } = occurrence;
  const holders = listHolders(occurrence);
  // What it leaves still hears of it.
  const heardAt = listAncestors(resource);
  for (const holder of holders) resource.parents.delete(holder);
  return { events: holders.map((holder) => tellMove('removed', holder, occurrence)), heardAt };
}

function tellMove(
  action: 'added' | 'removed',
  holder: Resource,
  { resource, stamp }: Occurrence,
): AsanaEvent {
  return { ...stamp, action, resource: refer(resource), parent: refer(holder) };
}

/** What it goes into or out of: as told, or all that it is in, and for a section the project around it. */
function listHolders({ resource, change, world }: Occurrence): readonly Resource[] {
  if (change.parent !== undefined) return [world.get(change.parent)];
  const direct = [...resource.parents];
  const sections = direct.filter(({ resource_type }) => resource_type === 'section');
  const around = sections.flatMap(({ parents }) => [...parents]);
  return [...new Set([...around.filter(({ resource_type }) => resource_type === 'project'), ...direct])];
}

function loseEvents({ resource, change, stamp }: Occurrence): Happening {
  const message = change.message ?? 'Some events were lost. Fetch the resource again.';
  return { events: [{ ...stamp, user: null, action: 'sync_error', message }], heardAt: new Set([resource]) };
}
