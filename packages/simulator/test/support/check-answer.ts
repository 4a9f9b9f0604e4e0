import { readFileSync } from 'node:fs';
import { OpenAPIBackend } from 'openapi-backend';
import { expect } from 'vitest';

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
}

const description = JSON.parse(
  readFileSync(new URL('../data/asana-webhooks.openapi.json', import.meta.url), 'utf8'),
);

/** Null in real answers of 2024, but not nullable in the description of 2026-06-11. */
const nullInCaptures = [
  'data.last_failure_at',
  'data.last_success_at',
  'data.next_attempt_after',
  'data.failure_deletion_timestamp',
  'data.filters.resource_subtype',
  'data.filters.fields',
  // Inferred from its two neighbours.
  'data.filters.action',
];

/** In real answers (2024, and a forum post about larger scopes), but not in the description. */
const onlyInCaptures = ['data.is_workspace_webhook', 'errors.error', 'errors.user_message'];

/** Statuses that the description lacks; Asana documents 429 elsewhere, with the body of its other errors. */
const likeABadRequest = [413, 429];

const backend = new OpenAPIBackend({
  definition: description,
  quick: true,
  ajvOpts: {
    formats: {
      uri: (text: string) => URL.canParse(text),
      'date-time': (text: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text),
    },
  },
});
const ready = backend.init();

/** Every answer of the API goes through here: it fits the description, and has no field that nobody has seen. */
export async function checkAnswer(
  method: string,
  path: string,
  status: number,
  body: unknown,
): Promise<void> {
  await ready;
  const route = path.split('?')[0]?.replace(/(?<=\/webhooks\/)[^/]+$/, '{webhook_gid}') ?? '';
  // Where the description has no such route, the answer is an error like those of any other.
  const operation = description.paths[route]?.[method.toLowerCase()] ?? description.paths['/webhooks'].get;
  const described = likeABadRequest.includes(status) ? 400 : status;
  const response = resolve(operation.responses[described]);
  expect(response, `${method} ${route} may answer ${status}`).toBeDefined();

  const known = [...listDescribed(response.content['application/json'].schema), ...onlyInCaptures];
  expect(listFields(body).filter((field) => !known.includes(field))).toEqual([]);
  const { errors } = backend.validateResponse(withoutKnownNulls(body), operation.operationId, described);
  expect(errors ?? [], `${method} ${route} ${status}`).toEqual([]);
}

function resolve(item: { readonly $ref?: string }) {
  if (item?.$ref === undefined) return item;
  const steps = item.$ref.replace('#/', '').split('/');
  return steps.reduce((place, step) => place[step], description);
}

function listDescribed(given: Schema, path = ''): string[] {
  const { properties = {}, items, allOf = [] }: Schema = resolve(given);
  const inner = Object.entries(properties).flatMap(([name, schema]) => {
    const field = join(path, name);
    return [field, ...listDescribed(schema, field)];
  });
  return [...inner, ...[items ?? [], allOf].flat().flatMap((schema) => listDescribed(schema, path))];
}

function listFields(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => listFields(item, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const field = join(path, name);
    return [field, ...listFields(member, field)];
  });
}

function withoutKnownNulls(value: unknown, path = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutKnownNulls(item, path));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).flatMap(([name, member]) => {
    const field = join(path, name);
    return member === null && nullInCaptures.includes(field)
      ? []
      : [[name, withoutKnownNulls(member, field)]];
  });
  return Object.fromEntries(kept);
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
