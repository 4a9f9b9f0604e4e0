import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertEventName, nameOf, namesOf } from '../src/event-name.js';
import { type AsanaEvent, type EventName, is } from '../src/index.js';
import { taskChanged } from './hook-request.js';

const syncError: AsanaEvent = { action: 'sync_error', message: 'events were lost' };
const added: AsanaEvent = { action: 'added', resource: { gid: '1', resource_type: 'story' } };

describe('assertEventName', () => {
  it.each([
    '*',
    'sync_error',
    'heartbeat',
    'task.*',
    'task.added',
    'task.changed',
    'task.changed.assignee',
    'project_membership.removed',
    'nobody_knows.done',
    'nobody_knows.changed.that_field',
  ])('takes %s', (name) => expect(() => assertEventName(name)).not.toThrow());

  it.each([
    '',
    ' ',
    'task',
    'task.',
    '.added',
    'task..added',
    'task.*.name',
    'task.*.*',
    '*.added',
    '*.*',
    '**',
    'Task.added',
    'task.Added',
    'task.added.name',
    'task.changed.',
    'task.changed.*',
    'task.changed.name.more',
    'task:added',
    'task added',
    ' task.added',
    'task.added ',
    'task.added\n',
    'task-x.added',
    '_task.added',
    'sync_errors',
    'heartbeats',
    'constructor',
  ])('refuses %j', (name) => {
    expect(() => assertEventName(name)).toThrow(expect.objectContaining({ code: 'invalid_event_name' }));
    expect(() => assertEventName(name)).toThrow(JSON.stringify(name));
  });

  it.each([undefined, null, 1, {}, ['task.added', 'task.changed']])(
    'refuses %j, which is no text',
    (name) => {
      expect(() => assertEventName(name as unknown as string)).toThrow(
        expect.objectContaining({ code: 'invalid_event_name' }),
      );
    },
  );
});

describe('nameOf', () => {
  it.each<[string, unknown]>([
    ['task.changed.name', taskChanged('1')],
    ['task.changed', { ...taskChanged('1'), change: undefined }],
    ['task.changed', { ...taskChanged('1'), change: null }],
    ['story.added', added],
    ['sync_error', syncError],
    ['sync_error', { ...syncError, resource: { gid: '1', resource_type: 'task' } }],
    ['nobody_knows.done', { action: 'done', resource: { gid: '1', resource_type: 'nobody_knows' } }],
    ['unknown.added', { action: 'added' }],
    ['unknown.added', { action: 'added', resource: null }],
    ['unknown.added', { action: 'added', resource: '42' }],
    ['unknown.added', { action: 'added', resource: { gid: '1' } }],
    ['unknown.added', { action: 'added', resource: { gid: '1', resource_type: { deep: 1 } } }],
    ['task.changed.unknown', { ...taskChanged('1'), change: {} }],
    ['task.changed.unknown', { ...taskChanged('1'), change: 'name' }],
  ])('is %s', (name, event) => expect(nameOf(event as AsanaEvent)).toBe(name));
});

describe('namesOf', () => {
  it.each([
    ['task.changed.name', ['*', 'task.*', 'task.changed', 'task.changed.name']],
    ['task.added', ['*', 'task.*', 'task.added']],
    ['sync_error', ['*', 'sync_error']],
  ])('of %s', (name, names) => expect(new Set(namesOf(name))).toEqual(new Set(names)));
});

describe('is', () => {
  const event = taskChanged('1', 'assignee');

  it.each<Exclude<EventName, 'heartbeat' | '*'>>(['task.*', 'task.changed', 'task.changed.assignee'])(
    'takes a change of an assignee for %s',
    (name) => expect(is(event, name)).toBe(true),
  );

  it.each<Exclude<EventName, 'heartbeat' | '*'>>([
    'task.added',
    'task.changed.name',
    'task.changed.assignee_section',
    'story.*',
    'project.changed',
    'sync_error',
  ])('does not take it for %s', (name) => expect(is(event, name)).toBe(false));

  it('knows a sync error', () => {
    expect(is(syncError, 'sync_error')).toBe(true);
    expect(is(syncError, 'task.*')).toBe(false);
  });

  it('agrees with the names of any event', () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/);
    fc.assert(
      fc.property(word, word, (type, action) => {
        const one: AsanaEvent = { action, resource: { gid: '1', resource_type: type } };
        expect(namesOf(nameOf(one)).every((name) => is(one, name as 'task.*'))).toBe(true);
      }),
    );
  });
});
