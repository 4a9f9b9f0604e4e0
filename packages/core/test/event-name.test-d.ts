import { expectTypeOf } from 'vitest';
import {
  type AsanaEvent,
  type AsanaResource,
  type CustomFieldValue,
  createReceiver,
  type EventName,
  type EventOf,
  type Handler,
  type HandlerContext,
  is,
  memorySecrets,
  type SyncErrorEvent,
} from '../src/index.js';

// Checked by tsc; nothing of it runs.

declare module '../src/index.js' {
  interface EventCatalogue {
    widened_by_a_test: { action: 'added' | 'changed'; field: 'colour' };
  }
}

const receiver = createReceiver({ secrets: memorySecrets() });

// Names are closed over the catalogue.
expectTypeOf<'task.changed.assignee'>().toExtend<EventName>();
expectTypeOf<'task.*'>().toExtend<EventName>();
expectTypeOf<'story.added'>().toExtend<EventName>();
expectTypeOf<'project_membership.removed'>().toExtend<EventName>();
expectTypeOf<'*' | 'sync_error' | 'heartbeat'>().toExtend<EventName>();
expectTypeOf<string>().not.toExtend<EventName>();

// @ts-expect-error a type of resource that nobody documents
receiver.on('tusk.changed', () => {});
// @ts-expect-error an action that tasks do not have
receiver.on('task.renamed', () => {});
// @ts-expect-error a field that tasks do not have
receiver.on('task.changed.colour', () => {});
// @ts-expect-error a field only comes with changed
receiver.on('task.added.name', () => {});
// @ts-expect-error attachments have no fields
receiver.on('attachment.changed.name', () => {});
// @ts-expect-error there is no half of a name
receiver.on('task', () => {});
// @ts-expect-error no wildcard in front
receiver.on('*.changed', () => {});
// @ts-expect-error no wildcard for fields
receiver.on('task.changed.*', () => {});
// @ts-expect-error a handler is needed
receiver.on('task.changed');

// The event narrows by the name.
receiver.on('task.changed.assignee', (event) => {
  expectTypeOf(event.resource.resource_type).toEqualTypeOf<'task'>();
  expectTypeOf(event.action).toEqualTypeOf<'changed'>();
  expectTypeOf(event.change.field).toEqualTypeOf<'assignee'>();
  expectTypeOf(event.change.new_value).toEqualTypeOf<CustomFieldValue | null | undefined>();
  expectTypeOf(event.change.new_value?.enum_value).toEqualTypeOf<AsanaResource | null | undefined>();
  // @ts-expect-error another field than the name says
  expectTypeOf(event.change.field).toEqualTypeOf<'name'>();
  // @ts-expect-error what is received is not for changing
  event.change.field = 'assignee';
});

receiver.on('task.changed', (event) => {
  // @ts-expect-error there was none before 2020
  event.change.field;
  expectTypeOf(event.change?.field).toExtend<string | undefined>();
  // @ts-expect-error the parent may be null
  event.parent.gid;
  // @ts-expect-error the user may be null
  event.user.gid;
});

receiver.on('project.added', (event) => {
  expectTypeOf(event.resource.resource_type).toEqualTypeOf<'project'>();
  expectTypeOf(event.change).toEqualTypeOf<undefined>();
});

receiver.on('sync_error', (event) => {
  expectTypeOf(event).toEqualTypeOf<SyncErrorEvent>();
  expectTypeOf(event.message).toEqualTypeOf<string | undefined>();
  // @ts-expect-error a sync error has no resource to rely on
  event.resource.gid;
});

receiver.on('*', (event) => {
  expectTypeOf(event).toEqualTypeOf<AsanaEvent>();
  expectTypeOf(event.action).toEqualTypeOf<string>();
  // @ts-expect-error nobody knows whether there is one
  event.resource.gid;
});

// A heartbeat has no event.
receiver.on('heartbeat', (event, context) => {
  expectTypeOf(event).toEqualTypeOf<undefined>();
  expectTypeOf(context).toEqualTypeOf<HandlerContext>();
  // @ts-expect-error there is nothing to read
  event.action;
});

// All actions of a type are a union, told apart by the action.
receiver.on('story.*', (event) => {
  expectTypeOf(event.action).toEqualTypeOf<'added' | 'changed' | 'deleted' | 'removed' | 'undeleted'>();
  if (event.action === 'changed') {
    expectTypeOf(event.change?.field).toExtend<string | undefined>();
    expectTypeOf(event.change).not.toEqualTypeOf<undefined>();
  } else {
    expectTypeOf(event.change).toEqualTypeOf<undefined>();
  }
  // @ts-expect-error stories have no such action
  if (event.action === 'renamed') throw new Error('unreachable');
});

// Handlers may be asynchronous, take less than they are offered, or be written apart.
const onTask: Handler<'task.changed'> = async (event) => void event.resource.gid;
receiver.on('task.changed', onTask).on('task.changed.name', onTask);
// @ts-expect-error a handler of one field cannot take the changes of all
receiver.on('task.changed', ((event) => void event.change.field) satisfies Handler<'task.changed.name'>);

// The guard narrows what handlers on '*' get.
declare const event: AsanaEvent;
if (is(event, 'task.changed.due_on')) {
  expectTypeOf(event.change.field).toEqualTypeOf<'due_on'>();
  expectTypeOf(event.resource.resource_type).toEqualTypeOf<'task'>();
}
// @ts-expect-error no event is of this name
is(event, 'heartbeat');
// @ts-expect-error every event is of this name
is(event, '*');
// @ts-expect-error no name
is(event, 'task.renamed');

// The catalogue can be widened.
receiver.on('widened_by_a_test.changed.colour', (widened) => {
  expectTypeOf(widened.resource.resource_type).toEqualTypeOf<'widened_by_a_test'>();
  expectTypeOf(widened.change.field).toEqualTypeOf<'colour'>();
});
expectTypeOf<EventOf<'widened_by_a_test.*'>['action']>().toEqualTypeOf<'added' | 'changed'>();
// @ts-expect-error not by this action
receiver.on('widened_by_a_test.deleted', () => {});
