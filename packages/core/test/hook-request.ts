import type { AsanaEvent, HookRequest } from '../src/index.js';
import { sign } from '../src/index.js';

/** A request as an adapter would hand it over, which notes in which order it is asked for what. */
export interface RecordedRequest extends HookRequest {
  readonly asked: readonly string[];
}

/** What differs from a POST without headers and body to the hook `bugs`. */
export interface RequestParts {
  readonly method?: string;
  readonly hookId?: string | undefined | (() => string | undefined);
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: () => Promise<Uint8Array>;
}

export function createRequest(parts: RequestParts = {}): RecordedRequest {
  const { method = 'POST', headers = {}, body = async () => new Uint8Array() } = parts;
  const hookId = 'hookId' in parts ? parts.hookId : 'bugs';
  const asked: string[] = [];
  return {
    asked,
    get method() {
      asked.push('method');
      return method;
    },
    get hookId() {
      asked.push('hook id');
      return typeof hookId === 'function' ? hookId() : hookId;
    },
    header(name) {
      asked.push(name);
      return headers[name];
    },
    body() {
      asked.push('body');
      return body();
    },
  };
}

/** A handshake: a POST with `X-Hook-Secret`. */
export function handshakeRequest(secret: string, parts: RequestParts = {}): RecordedRequest {
  return createRequest({ ...parts, headers: { ...parts.headers, 'x-hook-secret': secret } });
}

/** A POST that is signed over just these bytes. */
export function signedRequest(
  body: Uint8Array | string,
  secret: string,
  parts: RequestParts = {},
): RecordedRequest {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  return createRequest({
    body: async () => bytes,
    ...parts,
    headers: { 'x-hook-signature': sign(bytes, secret), ...parts.headers },
  });
}

/** A delivery of events; none is a heartbeat. */
export function deliveryRequest(
  events: readonly unknown[],
  secret: string,
  parts: RequestParts = {},
): RecordedRequest {
  return signedRequest(JSON.stringify({ events }), secret, parts);
}

/** A change of a task, as Asana describes one. */
export function taskChanged(gid: string, field = 'name', createdAt = '2026-11-02T08:00:00.000Z'): AsanaEvent {
  return {
    user: { gid: '7', resource_type: 'user' },
    created_at: createdAt,
    action: 'changed',
    resource: { gid, resource_type: 'task', resource_subtype: 'default_task' },
    parent: null,
    change: { field, action: 'changed' },
  };
}
