import { randomUUID } from 'node:crypto';
import type { PostgresServer } from '@hookshake/servers/postgres';
import pg from 'pg';
import type { PostgresPool } from '../../src/index.js';

/** A pool of a process that can die: from then on it has no connection, and gets none. */
export interface CuttablePool extends PostgresPool {
  cut(): Promise<void>;
  end(): Promise<void>;
}

export function createCuttablePool(server: PostgresServer): CuttablePool {
  const name = randomUUID();
  const pool = new pg.Pool({ connectionString: server.url, application_name: name });
  pool.on('error', () => {});
  let dead = false;
  return {
    connect(callback) {
      const refuse = () => callback(new Error('this process is dead'), undefined);
      if (dead) return refuse();
      pool.connect((error, client) => {
        if (!dead) return callback(error, client);
        client?.release(true);
        refuse();
      });
    },

    async cut() {
      dead = true;
      await server.query(
        'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = $1',
        [name],
      );
    },

    end: () => pool.end(),
  };
}
