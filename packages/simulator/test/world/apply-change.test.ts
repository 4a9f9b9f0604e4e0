import { describe, expect, test } from 'vitest';
import type { Change } from '../../src/index.js';
import { startAsana } from '../support/start-asana.js';
import { startReceiver } from '../support/start-receiver.js';

/** What a webhook on the project hears of changes to the task in it. */
async function hear(options: Parameters<typeof startAsana>[0], ...changes: readonly Change[]) {
  const asana = await startAsana({ deliverySize: 'full', ...options });
  const receiver = await startReceiver();
  await asana.subscribe(asana.project, receiver.url);
  for (const change of changes) asana.simulator.change(asana.task, change);
  await asana.simulator.flush();
  return { ...asana, events: receiver.events(), user: { gid: asana.simulator.user, resource_type: 'user' } };
}

describe('a change', () => {
  test('makes an event in the form of captured ones', async () => {
    const { events, task, user, simulator } = await hear({}, { field: 'name' });
    expect(events).toEqual([
      {
        user,
        created_at: simulator.now().toISOString(),
        action: 'changed',
        resource: { gid: task, resource_type: 'task', resource_subtype: 'default_task' },
        parent: null,
        change: { field: 'name', action: 'changed' },
      },
    ]);
  });

  test('of a task to completed makes two events of the same millisecond, and a story', async () => {
    const { events, task } = await hear({ systemStories: true }, { field: 'completed' });
    expect(events.map(({ change }) => change?.field)).toEqual(['completed', 'completed_at', undefined]);
    expect(new Set(events.map(({ created_at }) => created_at)).size).toBe(1);
    expect(events[2]).toMatchObject({
      action: 'added',
      resource: { resource_type: 'story', resource_subtype: 'marked_complete' },
      parent: { gid: task },
    });
  });

  test('carries values that are resources, and what happened to the field', async () => {
    const tag = { gid: '5', resource_type: 'tag' };
    const enumValue = {
      gid: '6',
      resource_type: 'custom_field',
      enum_value: { gid: '7', resource_type: 'enum_option' },
    };
    const { events } = await hear(
      {},
      { field: 'assignee', new_value: { gid: '4', resource_type: 'user' } },
      { field: 'tags', added_value: tag },
      { field: 'tags', removed_value: tag },
      { field: 'custom_fields', new_value: enumValue },
      { field: 'followers', change: 'removed' },
    );
    expect(events.map(({ change }) => change)).toEqual([
      { field: 'assignee', action: 'changed', new_value: { gid: '4', resource_type: 'user' } },
      { field: 'tags', action: 'added', added_value: tag },
      { field: 'tags', action: 'removed', removed_value: tag },
      { field: 'custom_fields', action: 'changed', new_value: enumValue },
      { field: 'followers', action: 'removed' },
    ]);
  });

  test('is of the user who made it, or of the system', async () => {
    const { events } = await hear({}, { user: '42' }, { user: null });
    expect(events.map(({ user }) => user)).toEqual([{ gid: '42', resource_type: 'user' }, null]);
  });

  test('that adds a task to a section tells of the project, too, and of the story', async () => {
    const { simulator, subscribe, project } = await startAsana({ systemStories: true, deliverySize: 'full' });
    const receiver = await startReceiver();
    await subscribe(project, receiver.url);
    const section = simulator.resource({ resource_type: 'section', parent: project });
    const task = simulator.resource({ resource_type: 'task', parent: section });
    expect(simulator.change(task, { action: 'added' })).toBe(3);
    await simulator.flush();
    expect(receiver.events().map(({ parent }) => parent?.gid)).toEqual([project, section, task]);
    expect(receiver.events()[2]?.resource?.resource_subtype).toBe('added_to_project');
  });

  test('that moves a task is heard where it left, and then only where it went', async () => {
    const { simulator, subscribe, project, task } = await startAsana();
    const receiver = await startReceiver();
    const other = simulator.resource({ resource_type: 'project' });
    await subscribe(project, `${receiver.url}/old`);
    await subscribe(other, `${receiver.url}/new`);
    simulator.change(task, { action: 'removed', parent: project });
    simulator.change(task, { action: 'added', parent: other });
    simulator.change(task, { field: 'name' });
    await simulator.flush();
    const heard = (path: string) => {
      const deliveries = receiver.deliveries.filter((delivery) => delivery.path === path);
      return deliveries.flatMap(({ events }) => events).map(({ action, parent }) => [action, parent?.gid]);
    };
    expect(heard('/old')).toEqual([['removed', project]]);
    expect(heard('/new')).toEqual([
      ['added', other],
      ['changed', undefined],
    ]);
  });

  test('that loses events reaches webhooks on the resource itself, whatever their filters', async () => {
    const { simulator, subscribe, project } = await startAsana();
    const receiver = await startReceiver();
    await subscribe(project, receiver.url, [{ resource_type: 'story' }]);
    simulator.change(project, { action: 'sync_error', message: 'lost' });
    await simulator.flush();
    expect(receiver.events()).toEqual([
      { user: null, created_at: simulator.now().toISOString(), action: 'sync_error', message: 'lost' },
    ]);
  });

  test('that makes no sense is refused, as is one of an unknown resource', async () => {
    const { simulator, task } = await startAsana();
    const change = (gid: string, what: object) => () => simulator.change(gid, what);
    expect(change('1', {})).toThrow(expect.objectContaining({ code: 'unknown_resource' }));
    expect(change(task, { parent: '1', action: 'added' })).toThrow(
      expect.objectContaining({ code: 'unknown_resource' }),
    );
    expect(change(task, { feild: 'name' })).toThrow(expect.objectContaining({ code: 'unknown_option' }));
    expect(change(task, { action: 'exploded' })).toThrow(expect.objectContaining({ code: 'invalid_option' }));
    expect(change(task, { action: 'deleted', field: 'name' })).toThrow(
      expect.objectContaining({ code: 'invalid_option' }),
    );
  });
});

describe('the world', () => {
  test('refuses a gid twice, an unknown parent, a resource without a type', async () => {
    const { simulator, task } = await startAsana();
    const add = (resource: object) => () => simulator.resource(resource as { resource_type: string });
    expect(add({ resource_type: 'task', gid: task })).toThrow(
      expect.objectContaining({ code: 'duplicate_gid' }),
    );
    expect(add({ resource_type: 'task', parent: '1' })).toThrow(
      expect.objectContaining({ code: 'unknown_resource' }),
    );
    expect(add({})).toThrow(expect.objectContaining({ code: 'invalid_option' }));
  });
});
