import type { Random } from '../create-random.js';
import type { AsanaEvent } from './asana-event.js';
import type { Resource } from './create-world.js';
import { refer } from './refer.js';

export interface StoryTelling {
  readonly random: Random;
  readonly systemStories: boolean;
}

/** What of a task makes Asana write a story, and of which kind (captures; for completion inferred). */
const subtypes: Readonly<Record<string, string | undefined>> = {
  completed: 'marked_complete',
  assignee: 'assigned',
  due_on: 'due_date_changed',
  due_at: 'due_date_changed',
  project: 'added_to_project',
};

/** The event of the story that Asana itself writes beside a change of a task, if it does. */
export function tellStory(
  about: string,
  task: Resource,
  stamp: Pick<AsanaEvent, 'user' | 'created_at'>,
  { random, systemStories }: StoryTelling,
): readonly AsanaEvent[] {
  const resource_subtype = subtypes[about];
  if (!systemStories || resource_subtype === undefined || task.resource_type !== 'task') return [];
  const resource = { gid: random.gid(), resource_type: 'story', resource_subtype };
  return [{ ...stamp, action: 'added', resource, parent: refer(task) }];
}
