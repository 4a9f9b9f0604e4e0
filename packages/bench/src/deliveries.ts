import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { sign } from '@hookshake/core';

/** One kind of delivery that is measured. */
export interface Size {
  readonly name: string;
  readonly events: number;
  /** How many distinct deliveries a second are kept ready: more than any receiver takes on today's machines. */
  readonly perSecond: number;
}

export const sizes: readonly Size[] = [
  { name: 'heartbeat', events: 0, perSecond: 0 },
  { name: '10 events', events: 10, perSecond: 40_000 },
  { name: '100 events', events: 100, perSecond: 12_000 },
];

/** A file of signed deliveries, all of one length, each newer than the one before. */
export interface DeliveryFile {
  readonly path: string;
  readonly recordBytes: number;
  readonly records: number;
}

export const SECRET = 'b537207f20cbfa02357cf448134da559';

const FIRST_EVENT_AT = Date.UTC(2026, 10, 1);
const CREATED_AT = '2026-11-01T00:00:00.000Z';
const SIGNATURE_BYTES = 64;

/** A genuine delivery. */
export interface Delivery {
  readonly signature: string;
  readonly body: Buffer;
}

/**
 * Genuine deliveries, each with newer events than the one before. A receiver skips events it has handled, so none may
 * come twice. All share one buffer for the body: use it before you take the next.
 */
export function* newDeliveries(events: number): Generator<Delivery, never> {
  const body = bodyOf(events);
  const places = placesOf(body, CREATED_AT);
  let createdAt = FIRST_EVENT_AT;
  while (true) {
    for (const place of places) body.write(new Date(createdAt++).toISOString(), place, 'latin1');
    yield { signature: sign(body, SECRET), body };
  }
}

/** Writes the deliveries for `seconds` of load. Heartbeats are all alike by nature, so one record is enough of them. */
export async function writeDeliveries(path: string, size: Size, seconds: number): Promise<DeliveryFile> {
  const deliveries = newDeliveries(size.events);
  const records = size.events === 0 ? 1 : size.perSecond * seconds;
  const file = createWriteStream(path);
  let bodyBytes = 0;
  for (let record = 0; record < records; record++) {
    const { signature, body } = deliveries.next().value;
    bodyBytes = body.length;
    if (!file.write(Buffer.concat([Buffer.from(signature), body]))) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
  return { path, records, recordBytes: SIGNATURE_BYTES + bodyBytes };
}

/** Events as Asana sends them: three of four are changes, every fourth is a task added to a project. */
function bodyOf(events: number): Buffer {
  const entries = Array.from({ length: events }, (_, index) => {
    const common = {
      user: { gid: '1198829643564474', resource_type: 'user' },
      created_at: CREATED_AT,
    };
    const resource = {
      gid: String(1_199_170_056_173_519 + index),
      resource_type: 'task',
      resource_subtype: 'default_task',
    };
    if (index % 4 === 3) {
      const parent = { gid: '1199170056173001', resource_type: 'project' };
      return { ...common, action: 'added', resource, parent };
    }
    const assignee = { gid: String(1_198_829_643_564_000 + index), resource_type: 'user' };
    const change = { field: 'assignee', action: 'changed', new_value: assignee };
    return { ...common, action: 'changed', resource, parent: null, change };
  });
  return Buffer.from(JSON.stringify({ events: entries }));
}

function placesOf(body: Buffer, text: string): readonly number[] {
  const places: number[] = [];
  for (let at = body.indexOf(text); at !== -1; at = body.indexOf(text, at + text.length)) places.push(at);
  return places;
}
