import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { findFreePort } from './free-port.js';

const run = promisify(execFile);

/** A PostgreSQL server of the tests' own, on a free port, in a temporary folder. */
export interface PostgresServer {
  readonly url: string;
  /** Where its files are. */
  readonly data: string;
  /** Runs SQL as its owner. */
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  start(): Promise<void>;
  /** `'immediate'` is as a crash: nothing is written any more. */
  stop(mode: 'fast' | 'immediate'): Promise<void>;
  /** Stops it and removes its folder. */
  remove(): Promise<void>;
}

/** The folder of `initdb` and the others. */
export const binaries: string | undefined = findBinaries();

/**
 * Whether tests that need PostgreSQL are left out, since it is not on this machine. Nothing is left out where CI is set.
 */
export const withoutPostgres: boolean = binaries === undefined && process.env['CI'] === undefined;

if (withoutPostgres) {
  console.warn(
    'Left out: what needs PostgreSQL. To include it, put `initdb`, `pg_ctl` and `pg_dump` on the PATH, or ' +
      '`apt-get install postgresql`; the tests start a server of their own.',
  );
}

/** @param settings - For `postgresql.conf`, by name. */
export async function startPostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  if (binaries === undefined)
    throw new Error('PostgreSQL is needed where CI is set: apt-get install postgresql');
  const bin = binaries;
  const home = mkdtempSync(join(tmpdir(), 'hookshake-postgres-'));
  const data = join(home, 'data');
  // It refuses to run as root.
  const owner = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  chmodSync(home, 0o755);
  mkdirSync(data, { mode: 0o700 });
  if (owner.uid !== undefined) chownSync(data, owner.uid, owner.gid);

  const port = await findFreePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const all = { port: `${port}`, listen_addresses: '127.0.0.1', unix_socket_directories: '', ...settings };
  const options = Object.entries(all).map(([name, value]) => `-c ${name}='${value}'`);
  const call = async (program: string, ...args: readonly string[]) =>
    await run(join(bin, program), ['-D', data, ...args], { ...owner, cwd: data });

  // Its output goes to a file: a server that holds this process's pipes would never let the call end.
  const start = async () => {
    await call('pg_ctl', '-w', '-l', join(data, 'log'), '-o', options.join(' '), 'start');
  };
  const stop = async (mode: string) => {
    await call('pg_ctl', '-w', '-m', mode, 'stop');
  };

  await call('initdb', '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C', '--no-sync');
  await start();
  return {
    url,
    data,

    async query<Row extends object>(text: string, values: readonly unknown[] = []) {
      const client = new pg.Client(url);
      await client.connect();
      try {
        return (await client.query<Row>(text, [...values])).rows;
      } finally {
        await client.end();
      }
    },

    start,
    stop,

    async remove() {
      if (existsSync(join(data, 'postmaster.pid'))) await stop('immediate');
      rmSync(home, { recursive: true });
    },
  };
}

/** Debian keeps them off the PATH, by version. */
function findBinaries(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions.map((version) => join(debian, version, 'bin')),
  ];
  return folders.find((one) => ['initdb', 'pg_ctl', 'pg_dump'].every((name) => existsSync(join(one, name))));
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
}
