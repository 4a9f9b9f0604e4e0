import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { startPostgres, withoutPostgres } from '@hookshake/servers/postgres';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDatabase, type PostgresClient, type PostgresPool } from '../src/database.js';

/** A message of PostgreSQL's protocol: a letter, the length of the rest, the rest. */
function message(letter: string, content: string): Buffer {
  const head = Buffer.alloc(5, letter);
  head.writeInt32BE(content.length + 4, 1);
  return Buffer.concat([head, Buffer.from(content)]);
}

/** What a server says that is stopped while somebody connects: signed in, ready, and that it ends the connection. */
const LAST_WORDS = Buffer.concat([
  message('R', '\0\0\0\0'),
  message('Z', 'I'),
  message('E', 'SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'),
]);

// Between the pool's last listener and ours there was a moment without any, in which it ended the process.
it('a connection that the server ends in the same breath in which it opened it is an error like any other', async () => {
  const server = createServer((socket) => socket.once('data', () => socket.end(LAST_WORDS))).listen(0);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const pool = new pg.Pool({ host: '127.0.0.1', port, user: 'anybody' });
  pool.on('error', () => {});
  onTestFinished(() => pool.end());
  const thrown: unknown[] = [];
  const note = (error: unknown) => void thrown.push(error);
  process.on('uncaughtException', note);
  onTestFinished(() => void process.off('uncaughtException', note));

  await expect(createDatabase(pool).query('SELECT 1')).rejects.toThrow();
  expect(thrown).toEqual([]);
});

describe.skipIf(withoutPostgres)('a connection', () => {
  it('is given back as it was: with nothing open in it, and with no listener of ours', async () => {
    const server = await startPostgres();
    onTestFinished(() => server.remove());
    const pool = new pg.Pool({ connectionString: server.url, max: 1 });
    onTestFinished(() => pool.end());
    const listeners = async () => {
      const client = await pool.connect();
      client.release();
      return client.listenerCount('error');
    };
    const before = await listeners();
    const database = createDatabase(pool);
    await database.query('CREATE TABLE note (text text)');
    const failing = database.transaction(async (run) => {
      await run("INSERT INTO note VALUES ('of what failed')");
      throw new TypeError('no');
    });
    await expect(failing).rejects.toThrow(TypeError);
    await database.transaction(async (run) => {
      await run("INSERT INTO note VALUES ('of what went well')");
    });
    expect((await database.query('SELECT text FROM note')).rows).toEqual([{ text: 'of what went well' }]);
    expect(await listeners()).toBe(before);
  });
});

// A pool of one's own waits for ever by default, and with it waited the hook whose secrets were looked up.
it('a pool that lends nothing is given up, and what it lends too late goes back', async () => {
  const server = createServer(() => {}).listen(0);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const silent = new pg.Pool({ host: '127.0.0.1', port, user: 'anybody' });
  silent.on('error', () => {});
  await expect(createDatabase(silent, 50).query('SELECT 1')).rejects.toThrow(/no connection within 50 ms/);

  let released = 0;
  let lend = (_error: undefined, _client: PostgresClient): void => expect.unreachable();
  const late: PostgresPool = {
    connect(callback) {
      lend = callback;
    },
  };
  await expect(createDatabase(late, 1).query('SELECT 1')).rejects.toThrow(/no connection/);
  lend(undefined, { release: () => void released++ } as unknown as PostgresClient);
  expect(released).toBe(1);
});
