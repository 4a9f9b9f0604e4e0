/** A thing in an event, as Asana names it there: without names or other user-written text. */
export interface EventResource {
  readonly gid: string;
  readonly resource_type: string;
  readonly resource_subtype?: string | undefined;
}

/** What a delivery tells of one change. It has no id. */
export interface AsanaEvent {
  readonly user: EventResource | null;
  readonly created_at: string;
  readonly action: EventAction;
  /** Absent from a `sync_error` only. */
  readonly resource?: EventResource | undefined;
  readonly parent?: EventResource | null | undefined;
  /** With `changed` only. */
  readonly change?: EventChange | undefined;
  /** With `sync_error` only. */
  readonly message?: string | undefined;
}

export type EventAction = 'added' | 'changed' | 'deleted' | 'removed' | 'undeleted' | 'sync_error';

export interface EventChange {
  readonly field: string;
  readonly action: 'changed' | 'added' | 'removed';
  /** Only where the value is itself a resource; custom fields carry more than a gid and type. */
  readonly new_value?: unknown;
  readonly added_value?: unknown;
  readonly removed_value?: unknown;
}
