import { join } from 'node:path';
import type { Inbox, SecretStore } from '@hookshake/core';
import type { Place } from './case.js';
import { ONLY_HOOK } from './hooks.js';

/** Where a receiver of ours keeps its deliveries. A further one needs an entry in {@link homes}, and nothing else. */
export interface Home {
  readonly name: string;
  readonly installs: readonly string[];
  /** Whether the server that it needs is on this machine. Without one it always is. */
  readonly isHere?: () => Promise<boolean>;
  /** Starts that server, whose files are where the system keeps temporary ones; without one it gets an empty folder. */
  readonly prepare?: () => Promise<Place>;
  open(place: string): Promise<OpenHome>;
}

/** A home that is open. */
export interface OpenHome {
  readonly secrets: SecretStore;
  readonly inbox: Inbox;
  readonly close?: () => Promise<void>;
  /** How many deliveries it has kept. None is worked on while it is measured. */
  kept(): Promise<number>;
}

export const homes: readonly Home[] = [
  { name: 'memory inbox', installs: [], open: openMemory },
  { name: 'SQLite inbox', installs: ['@hookshake/sqlite'], open: openSqlite },
  {
    name: 'PostgreSQL inbox',
    installs: ['@hookshake/postgres', 'pg'],
    isHere: async () => !(await import('@hookshake/servers/postgres')).withoutPostgres,
    prepare: preparePostgres,
    open: openPostgres,
  },
  {
    name: 'Redis inbox',
    installs: ['@hookshake/redis', 'ioredis'],
    isHere: async () => !(await import('@hookshake/servers/redis')).withoutRedis,
    prepare: prepareRedis,
    open: openRedis,
  },
];

const DRAIN_EVERY_MS = 10;

async function openMemory(): Promise<OpenHome> {
  const { memoryInbox, memorySecrets } = await import('@hookshake/core');
  const inbox = memoryInbox({ maxWaiting: 1_000_000 });
  let forgotten = 0;

  /** It takes 64 MiB, which is little more than a second of load. */
  async function drain(): Promise<void> {
    // Both look at once, so that nothing comes between them.
    const [{ waiting }] = await Promise.all([inbox.stats(), inbox.forget(ONLY_HOOK)]);
    forgotten += waiting;
  }

  setInterval(() => void drain(), DRAIN_EVERY_MS).unref();
  return {
    secrets: memorySecrets(),
    inbox,
    async kept() {
      await drain();
      return forgotten;
    },
  };
}

async function openSqlite(place: string): Promise<OpenHome> {
  const { sqlite } = await import('@hookshake/sqlite');
  const { secrets, inbox, close } = sqlite(join(place, 'hooks.db'), { maxWaiting: 10_000_000 });
  return { secrets, inbox, close, kept: async () => (await inbox.stats()).waiting };
}

async function preparePostgres(): Promise<Place> {
  const { startPostgres } = await import('@hookshake/servers/postgres');
  const server = await startPostgres();
  return { address: server.url, remove: server.remove };
}

async function openPostgres(place: string): Promise<OpenHome> {
  const { postgres } = await import('@hookshake/postgres');
  const store = postgres(place, { maxWaiting: 10_000_000 });
  await store.migrate();
  const { secrets, inbox, close } = store;
  return { secrets, inbox, close, kept: async () => (await inbox.stats()).waiting };
}

async function prepareRedis(): Promise<Place> {
  const { startRedis } = await import('@hookshake/servers/redis');
  const server = await startRedis({ appendfsync: 'everysec' });
  return { address: server.url, remove: server.remove };
}

async function openRedis(place: string): Promise<OpenHome> {
  const { redis } = await import('@hookshake/redis');
  const { secrets, inbox, close } = redis(place, { maxWaiting: 10_000_000 });
  return { secrets, inbox, close, kept: async () => (await inbox.stats()).waiting };
}
