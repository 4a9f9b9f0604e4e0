import type { components } from './openapi.js';

type Schemas = components['schemas'];

/** Which events a webhook is for: an event passes if any filter takes it. */
export interface WebhookFilter {
  readonly resource_type?: string | null | undefined;
  readonly resource_subtype?: string | null | undefined;
  readonly action?: string | null | undefined;
  /** Only with `action: 'changed'`, and not on larger scopes. */
  readonly fields?: readonly string[] | null | undefined;
}

/** Null in real answers, though the description of the API does not say so. */
type Nullable = 'last_failure_at' | 'last_success_at' | 'next_attempt_after' | 'failure_deletion_timestamp';

type Described = Required<Omit<Schemas['WebhookResponse'], Nullable | 'filters' | 'resource'>>;

/**
 * A webhook as Asana describes it, all of its fields.
 * @see https://developers.asana.com/reference/getwebhook
 */
export type Webhook = Readonly<Described> & {
  readonly [Field in Nullable]: string | null;
} & {
  readonly resource: Readonly<Required<Omit<Schemas['AsanaNamedResource'], 'name'>>> & {
    readonly name?: string;
  };
  readonly filters: readonly WebhookFilter[];
};

/** The fields to ask for in lists, which are short unless told; everywhere else Asana gives a whole {@link Webhook}. */
export const WEBHOOK_FIELDS: string = [
  'active',
  'created_at',
  'delivery_retry_count',
  'failure_deletion_timestamp',
  'filters',
  'last_failure_at',
  'last_failure_content',
  'last_success_at',
  'next_attempt_after',
  'resource',
  'resource_type',
  'target',
].join(',');
