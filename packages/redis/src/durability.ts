import type { Durability, Logger } from '@hookshake/core';
import type { Client } from './connection.js';

/** What is told of a Redis, each with its row in docs/errors.md. */
export type RedisWarning = 'redis_away' | 'redis_evicts' | 'redis_not_durable';

/**
 * What the server's settings promise, the weakest of a cluster's primaries. Warns, once for each cause, where data could
 * be lost.
 */
export function createInspection(logger: Logger): (client: Client) => Promise<Durability> {
  const told = new Set<RedisWarning>();

  function warn(code: RedisWarning, message: string): void {
    if (told.has(code)) return;
    told.add(code);
    logger.warn({ code }, message);
  }

  return async function inspect(client) {
    const servers = 'nodes' in client ? client.nodes('master') : [client];
    const found = await Promise.all(servers.map((server) => inspectServer(server, warn)));
    return (['process', 'server'] as const).find((rank) => found.includes(rank)) ?? 'power';
  };
}

type Server = ReturnType<Extract<Client, { nodes: unknown }>['nodes']>[number];

async function inspectServer(
  server: Server,
  warn: (code: RedisWarning, message: string) => void,
): Promise<Durability> {
  const info = await server.info();
  const eviction = /maxmemory_policy:([\w-]+)/.exec(info)?.[1];
  if (eviction !== undefined && eviction !== 'noeviction') {
    warn(
      'redis_evicts',
      `this Redis may delete webhook secrets and deliveries when its memory is full (${eviction}). ` +
        'Set  maxmemory-policy noeviction  in its configuration',
    );
  }
  if (!info.includes('aof_enabled:1')) {
    warn(
      'redis_not_durable',
      'this Redis writes no append-only file, so its restart forgets webhook secrets, which Asana never sends ' +
        'again, and deliveries answered 200. Set  appendonly yes  in its configuration',
    );
    return 'process';
  }
  const fsync = await readFsync(server);
  if (fsync === 'no') {
    warn(
      'redis_not_durable',
      'this Redis leaves writing to disk to the operating system, so a power cut may lose half a minute of what was ' +
        'answered 200. Set  appendfsync everysec  or  always  in its configuration',
    );
  }
  return fsync === 'always' ? 'power' : 'server';
}

/** `undefined` where CONFIG is forbidden, as hosted Redis servers often have it. */
async function readFsync(server: Server): Promise<string | undefined> {
  try {
    const reply: unknown = await server.config('GET', 'appendfsync');
    // A list of names and values by turns, or an object, as the client's protocol has it.
    return Array.isArray(reply) ? String(reply[1]) : (reply as { appendfsync?: string }).appendfsync;
  } catch (error) {
    if (error instanceof Error && /^(ERR|NOPERM)/.test(error.message)) return undefined;
    throw error;
  }
}
