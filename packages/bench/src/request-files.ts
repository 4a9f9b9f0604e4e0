import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchCase } from './case.js';
import { newRequests, type RequestFile, type Requests, writeRequests } from './requests.js';

/** The files of requests that a run needs, the newest of each kind only. */
export interface RequestFiles {
  /** From now on, files with newer deliveries. */
  renew(): Promise<void>;
  /** The file for a case, long enough for `runMs` of load. Cases that may share one do. */
  next(of: BenchCase, requests: Omit<Requests, 'scheme'>, runMs: number): Promise<RequestFile>;
  remove(): Promise<void>;
}

/** More than any receiver takes on today's machines that has to parse them. */
const maxPerSecond = (events: number) => 1_000_000 / (10 + 0.8 * events);
const REPEATED_RECORDS = 256;
/** A million hooks are not all called, but so many of them that no cache holds them. */
const MAX_HOOK_RECORDS = 20_000;

export async function newRequestFiles(): Promise<RequestFiles> {
  // In memory where the system has a place for that, so that the load waits for no disk.
  const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'hookshake-bench-'));
  const sources = new Map<string, Generator<Buffer, never>>();
  const files = new Map<string, RequestFile>();

  async function renew(): Promise<void> {
    await Promise.all([...files.values()].map(({ path }) => rm(path)));
    files.clear();
  }

  return {
    renew,

    async next(of, { traffic, events, hooks }, runMs) {
      // Heartbeats are all alike, and what is refused is not remembered.
      const repeats = !of.skipsRepeated || events === 0 || traffic !== 'genuine';
      const kind = `${of.scheme.name}-${traffic}-${events}-${hooks}-${repeats}`;
      const source = sources.get(kind) ?? newRequests({ scheme: of.scheme, traffic, events, hooks });
      sources.set(kind, source);

      const repeated = Math.max(REPEATED_RECORDS, Math.min(hooks, MAX_HOOK_RECORDS));
      const records = repeats ? repeated : Math.ceil((maxPerSecond(events) * runMs) / 1000);
      const file = files.get(kind) ?? (await writeRequests(join(folder, kind), source, records, repeats));
      files.set(kind, file);
      return file;
    },

    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
