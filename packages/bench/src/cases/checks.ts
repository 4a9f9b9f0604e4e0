import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { SECRET } from '../schemes.js';

const key = createSecretKey(SECRET, 'utf8');

/** The least that proves a delivery genuine. */
export function isGenuine(body: Buffer, signature: string | string[] | undefined): boolean {
  if (typeof signature !== 'string') return false;
  const given = Buffer.from(signature, 'hex');
  const expected = createHmac('sha256', key).update(body).digest();
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** A parsed body, as far as anything is counted. */
export interface Payload {
  readonly events: readonly unknown[];
}

export function countEvents(body: Buffer): number {
  const payload: Payload = JSON.parse(body.toString());
  return payload.events.length;
}
