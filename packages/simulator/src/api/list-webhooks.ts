import type { Asana } from '../create-asana.js';
import type { Webhook } from '../webhooks/webhook.js';
import type { ApiAnswer, ApiCall } from './api-call.js';
import { type Input, readText } from './read-input.js';
import { refusals } from './refusal.js';
import { renderCompact } from './render-webhook.js';

/** `GET /webhooks`: those of this user and app in one workspace, oldest first, page by page. */
export async function listWebhooks(
  { owner, input, apiUrl, fields }: ApiCall,
  asana: Asana,
): Promise<ApiAnswer> {
  const { knobs, registry, world } = asana;
  const workspace = readText(input, 'workspace');
  if (workspace === undefined) throw refusals.missingInput('workspace');
  if (world.find(workspace)?.resource_type !== 'workspace') {
    throw refusals.unknownObject(400, 'workspace', workspace);
  }
  const resource = readText(input, 'resource');
  const limit = readLimit(input) ?? knobs.defaultPageSize;

  const listed = [...registry.ownedBy(owner)]
    .map(({ webhook }) => webhook)
    .filter((webhook) => webhook.resource.workspace === workspace)
    .filter((webhook) => resource === undefined || webhook.resource.gid === resource);
  const start = findStart(listed, readText(input, 'offset'));
  const page = listed.slice(start, start + limit);
  const last = start + limit < listed.length ? page.at(-1) : undefined;
  const next = last === undefined ? null : nextPage(input, limit, last, apiUrl);
  return {
    status: 200,
    body: { data: page.map((webhook) => renderCompact(webhook, fields)), next_page: next },
  };
}

function readLimit(input: Input): number | undefined {
  const given = readText(input, 'limit');
  if (given === undefined) return undefined;
  const limit = Number(given);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 100) return limit;
  throw refusals.invalidInput('limit', 'Must be between 1 and 100');
}

/** An offset names the last webhook of the page before, so that deletions in between shift nothing. */
function findStart(listed: readonly Webhook[], offset: string | undefined): number {
  if (offset === undefined) return 0;
  const gid = Buffer.from(offset, 'base64url').toString();
  const index = listed.findIndex((webhook) => webhook.gid === gid);
  if (index === -1) throw refusals.invalidInput('offset', 'Your pagination token is invalid.');
  return index + 1;
}

function nextPage(input: Input, limit: number, last: Webhook, apiUrl: string): object {
  const offset = Buffer.from(last.gid).toString('base64url');
  const given = Object.entries(input).map(([name, value]): [string, string] => [name, String(value)]);
  const query = new URLSearchParams({ ...Object.fromEntries(given), limit: String(limit), offset });
  const path = `/webhooks?${query}`;
  return { offset, path, uri: `${apiUrl}${path}` };
}
