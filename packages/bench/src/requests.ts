import { closeSync, openSync, writeFileSync } from 'node:fs';
import { newBodies } from './bodies.js';
import { HOOK_STRIDE, hookIdOf, secretOf } from './hooks.js';
import { MOUNT, type Scheme } from './schemes.js';

/** Genuine deliveries, ones that somebody else signed, or ones whose signature has a shape that Asana's never has. */
export type Traffic = 'genuine' | 'forged' | 'malformed';

/** What is sent. */
export interface Requests {
  readonly scheme: Scheme;
  readonly traffic: Traffic;
  readonly events: number;
  /** Deliveries go to this many hooks. */
  readonly hooks: number;
}

/** A file of requests, all of one length. */
export interface RequestFile {
  readonly path: string;
  readonly recordBytes: number;
  readonly records: number;
}

const FORGER = 'who-knows-no-secret';

/** Whole requests as they go over the wire. */
export function* newRequests({ scheme, traffic, events, hooks }: Requests): Generator<Buffer, never> {
  let hook = 0;
  for (const body of newBodies(events)) {
    const path = hooks === 1 ? MOUNT : `${MOUNT}/${hookIdOf(hook, hooks)}`;
    const headers = { ...scheme(body, traffic === 'forged' ? FORGER : secretOf(hook)) };
    if (traffic === 'malformed') headers['x-hook-signature'] = `sha256=${headers['x-hook-signature']}`;
    yield requestOf(path, headers, body);
    hook = (hook + HOOK_STRIDE) % hooks;
  }
  throw new Error('Bodies do not end');
}

/** @param announcedBytes - What `content-length` says, where that is not the body's length. */
export function requestOf(
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  announcedBytes: number = body.length,
): Buffer {
  const lines = [
    `POST ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    'content-type: application/json',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${announcedBytes}`,
    '\r\n',
  ];
  return Buffer.concat([Buffer.from(lines.join('\r\n')), body]);
}

/** Writes the next requests to a file. Nothing else is to be done meanwhile, so it waits for nothing. */
export function writeRequests(
  path: string,
  requests: Generator<Buffer, never>,
  records: number,
): RequestFile {
  const file = openSync(path, 'w');
  let recordBytes = 0;
  for (let record = 0; record < records; record++) {
    const request = requests.next().value;
    recordBytes ||= request.length;
    if (request.length !== recordBytes) throw new Error('The requests of a file are all of one length');
    writeFileSync(file, request);
  }
  closeSync(file);
  return { path, records, recordBytes };
}
