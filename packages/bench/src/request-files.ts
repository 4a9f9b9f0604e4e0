import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newRequests, type RequestFile, type Requests, writeRequests } from './requests.js';

/** The files of requests that are sent in turn, each long enough for a round; the newest of each kind only. */
export interface RequestFiles {
  /** The newest file of a kind; a newer one if that is the one which is used up. */
  newest(requests: Requests, usedUp?: RequestFile): RequestFile;
  remove(): Promise<void>;
}

/** More than any receiver takes on today's machines that has to parse them. */
const maxPerSecond = (events: number) => 1_000_000 / (10 + 0.8 * events);

export async function newRequestFiles(roundMs: number): Promise<RequestFiles> {
  // In memory where the system has a place for that, so that the load waits for no disk.
  const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'hookshake-bench-'));
  const sources = new Map<string, Generator<Buffer, never>>();
  const files = new Map<string, RequestFile>();

  return {
    newest(requests, usedUp) {
      const { scheme, traffic, events, hooks } = requests;
      const kind = `${scheme.name}-${traffic}-${events}-${hooks}`;
      const newest = files.get(kind);
      if (newest !== undefined && newest !== usedUp) return newest;

      const source = sources.get(kind) ?? newRequests(requests);
      sources.set(kind, source);
      const records = Math.ceil((maxPerSecond(events) * roundMs) / 1000);
      const file = writeRequests(join(folder, kind), source, records);
      files.set(kind, file);
      return file;
    },

    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
