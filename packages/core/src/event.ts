/** A reference to a thing in Asana. Deliveries never carry names or other user-written text. */
export interface AsanaResource<Type extends string = string> {
  readonly gid: string;
  readonly resource_type: Type;
  /** For example `default_task` or `comment_added`. Asana adds new ones without notice. */
  readonly resource_subtype?: string | undefined;
}

/** What a custom field was set to: more than the documented two keys, as seen in real deliveries. */
export interface CustomFieldValue extends AsanaResource {
  readonly enum_value?: AsanaResource | null | undefined;
}

/** What changed. Scalars such as a name or a date never carry their value: fetch the resource to learn it. */
export interface EventChange<Field extends string = string> {
  readonly field: Field;
  readonly action: 'changed' | 'added' | 'removed' | (string & {});
  /** Only if the new value is an Asana resource. */
  readonly new_value?: CustomFieldValue | null | undefined;
  readonly added_value?: CustomFieldValue | null | undefined;
  readonly removed_value?: CustomFieldValue | null | undefined;
}

/**
 * The resource types, actions and fields that Asana documents or was seen to send. The list is not exhaustive, and what
 * is missing still reaches `*`. Widen it for your own use:
 *
 * @example
 * ```ts
 * declare module '@hookshake/core' {
 *   interface EventCatalogue {
 *     status_update: { action: 'added' | 'changed'; field: 'text' };
 *   }
 * }
 * ```
 * @see https://developers.asana.com/docs/webhooks-guide
 */
export interface EventCatalogue {
  attachment: { action: 'deleted' | 'undeleted'; field: never };
  goal: {
    action: 'added' | 'changed' | 'deleted' | 'removed' | 'undeleted';
    field: 'name' | 'due_on' | 'owner';
  };
  portfolio: { action: 'added' | 'changed' | 'deleted' | 'removed'; field: 'name' | 'custom_fields' };
  project: {
    action: 'added' | 'changed' | 'deleted' | 'removed' | 'undeleted';
    field:
      | 'archived'
      | 'color'
      | 'completed'
      | 'custom_field_settings'
      | 'custom_fields'
      | 'due_on'
      | 'followers'
      | 'members'
      | 'name'
      | 'notes'
      | 'owner'
      | 'start_on'
      | 'team';
  };
  project_membership: { action: 'added' | 'removed'; field: never };
  section: { action: 'added' | 'changed' | 'deleted' | 'undeleted'; field: 'name' };
  story: {
    action: 'added' | 'changed' | 'deleted' | 'removed' | 'undeleted';
    field: 'is_pinned' | 'likes' | 'text';
  };
  tag: { action: 'added' | 'changed' | 'deleted' | 'undeleted'; field: 'color' | 'name' };
  task: {
    action: 'added' | 'changed' | 'deleted' | 'removed' | 'undeleted';
    field:
      | 'actual_time_minutes'
      | 'approval_status'
      | 'assignee'
      | 'assignee_section'
      | 'assignee_status'
      | 'completed'
      | 'completed_at'
      | 'custom_fields'
      | 'dependencies'
      | 'dependents'
      | 'due_at'
      | 'due_on'
      | 'followers'
      | 'likes'
      | 'memberships'
      | 'name'
      | 'notes'
      | 'parent'
      | 'projects'
      | 'resource_subtype'
      | 'start_at'
      | 'start_on'
      | 'tags';
  };
  team: { action: 'added' | 'changed' | 'deleted'; field: 'name' };
  team_membership: { action: 'added' | 'removed'; field: never };
  workspace: { action: 'added' | 'changed' | 'removed'; field: 'name' };
  workspace_membership: { action: 'added' | 'removed'; field: never };
}

interface EventBase {
  /** Who did it; `null` for what Asana does by itself. */
  readonly user: AsanaResource<'user' | (string & {})> | null;
  /** ISO 8601 in UTC with milliseconds. Two real events may share it. */
  readonly created_at: string;
  /** What the resource was added to or removed from; `null` for other actions. */
  readonly parent: AsanaResource | null;
}

/**
 * Any event, as handlers on `*` get it. Use {@link is} to learn which one it is; expect types, actions and fields that
 * nobody documented, and no resource at all on a `sync_error`.
 */
export interface AsanaEvent extends Partial<EventBase> {
  readonly action: string;
  readonly resource?: AsanaResource | null | undefined;
  readonly change?: EventChange | undefined;
  /** Only on a `sync_error`. */
  readonly message?: string | undefined;
}

/** An event of one type and action; for `changed`, of one field. */
export interface ResourceEvent<Type extends string, Action extends string, Field extends string = string>
  extends EventBase {
  readonly action: Action;
  readonly resource: AsanaResource<Type>;
  /** Only on `changed`, and even there absent from deliveries before 2020. */
  readonly change?: Action extends 'changed' ? EventChange<Field> | undefined : undefined;
}

/** A `changed` event whose field is known, so its `change` is there. */
export interface FieldChangedEvent<Type extends string, Field extends string> extends EventBase {
  readonly action: 'changed';
  readonly resource: AsanaResource<Type>;
  readonly change: EventChange<Field>;
}

/** Asana lost events of this webhook. Fetch anew what you keep a copy of. */
export interface SyncErrorEvent extends AsanaEvent {
  readonly action: 'sync_error';
}
