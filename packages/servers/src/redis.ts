import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findFreePort } from './free-port.js';

const isHere = spawnSync('redis-server', ['--version']).status === 0;

/** Whether tests that need Redis are left out, since it is not on this machine. Nothing is left out where CI is set. */
export const withoutRedis: boolean = !isHere && process.env['CI'] === undefined;

if (withoutRedis) {
  console.warn(
    'Left out: what needs Redis. To include it, put `redis-server` on the PATH, or `apt-get install redis-server`; the ' +
      'tests start a server of their own.',
  );
}

/** A Redis server of the tests' own, on a free port, with its data in a temporary folder. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** A client for looking at, and changing, what the server holds. */
  readonly client: Redis;
  /** The folder of its files. */
  readonly folder: string;
  /** Resolves once it is gone. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** It answers nobody, until it is thawed. */
  freeze(): void;
  thaw(): void;
  /** Starts it again, on the same port and data. */
  restart(): Promise<void>;
  /** Stops it and removes its folder. */
  remove(): Promise<void>;
}

/** Starts a server with these settings, each a name and a value. */
export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  if (!isHere) throw new Error('Redis is needed where CI is set: apt-get install redis-server');
  const directory = await mkdtemp(join(tmpdir(), 'hookshake-redis-'));
  const port = await findFreePort();
  const options = { appendonly: 'yes', appendfsync: 'everysec', save: '', ...settings };
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory];
  for (const [name, value] of Object.entries(options)) args.push(`--${name}`, value);
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    retryStrategy: () => 20,
    protocol: 2,
  });
  client.on('error', () => {});

  let server: ChildProcess;
  async function start(): Promise<void> {
    server = spawn('redis-server', args, { stdio: 'ignore' });
    await client.ping();
  }
  await start();

  return {
    url,
    port,
    client,
    folder: directory,
    async kill(signal) {
      const exit = once(server, 'exit');
      server.kill(signal);
      await exit;
    },
    freeze: () => void server.kill('SIGSTOP'),
    thaw: () => void server.kill('SIGCONT'),
    restart: start,
    async remove() {
      client.disconnect();
      if (server.exitCode === null && server.signalCode === null) {
        const exit = once(server, 'exit');
        server.kill('SIGKILL');
        await exit;
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Starts a cluster of one server, which has all slots. */
export async function startRedisCluster(): Promise<RedisServer> {
  const server = await startRedis({ 'cluster-enabled': 'yes', 'cluster-announce-ip': '127.0.0.1' });
  await server.client.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  while (!String(await server.client.call('CLUSTER', 'INFO')).includes('cluster_state:ok'));
  return server;
}
