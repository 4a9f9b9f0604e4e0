import type { Durability, Notice } from '@hookshake/core';
import type { Client } from './connection.js';

/** What the server's settings promise, the weakest of a cluster's primaries. Warns where data could be lost. */
export async function inspectDurability(client: Client, notice: Notice): Promise<Durability> {
  const servers = 'nodes' in client ? client.nodes('master') : [client];
  const found = await Promise.all(servers.map((server) => inspectServer(server, notice)));
  return (['process', 'server'] as const).find((rank) => found.includes(rank)) ?? 'power';
}

type Server = ReturnType<Extract<Client, { nodes: unknown }>['nodes']>[number];

async function inspectServer(server: Server, notice: Notice): Promise<Durability> {
  const info = await server.info();
  const eviction = /maxmemory_policy:([\w-]+)/.exec(info)?.[1];
  if (eviction !== undefined && eviction !== 'noeviction') {
    notice(
      'warn',
      'redis_evicts',
      'maxmemory-policy',
      `this Redis may delete webhook secrets and deliveries when its memory is full (${eviction}). ` +
        'Set  maxmemory-policy noeviction  in its configuration',
    );
  }
  if (!info.includes('aof_enabled:1')) {
    notice(
      'warn',
      'redis_not_durable',
      'appendonly',
      'this Redis writes no append-only file, so its restart forgets webhook secrets, which Asana never sends ' +
        'again, and deliveries answered 200. Set  appendonly yes  in its configuration',
    );
    return 'process';
  }
  const fsync = await readFsync(server);
  if (fsync === 'no') {
    notice(
      'warn',
      'redis_not_durable',
      'appendfsync',
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
