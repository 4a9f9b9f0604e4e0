import type { IncomingMessage } from 'node:http';
import { readBody } from '../read-body.js';
import { refusals } from './refusal.js';

/** What a call was given, wherever it stood: in the envelope, the form, or the query. */
export type Input = Readonly<Record<string, unknown>>;

const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Asana takes JSON in a `data` envelope, a form without one, and query parameters.
 * @throws Refusal 400
 */
export async function readInput(request: IncomingMessage, query: URLSearchParams): Promise<Input> {
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body === undefined) throw refusals.bodyTooLarge();
  const parameters = Object.fromEntries(query);
  if (body === '') return parameters;
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  if (isForm) return { ...parameters, ...Object.fromEntries(new URLSearchParams(body)) };
  return { ...parameters, ...openEnvelope(body) };
}

function openEnvelope(body: string): Input {
  const document = parseJson(body);
  const data = isRecord(document) ? document['data'] : undefined;
  return isRecord(data) ? data : {};
}

/** @throws Refusal 400 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refusals.unreadableBody();
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A gid or text; older clients send gids as numbers. */
export function readText(input: Input, name: string): string | undefined {
  const value = input[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
