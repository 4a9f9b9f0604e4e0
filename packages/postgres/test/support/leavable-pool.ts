import pg from 'pg';
import type { PostgresPool } from '../../src/index.js';

/** A pool of a process that can lose its server, and find it again. */
export interface LeavablePool extends PostgresPool {
  away: boolean;
  end(): Promise<void>;
}

export function createLeavablePool(url: string): LeavablePool {
  const pool = new pg.Pool({ connectionString: url });
  return {
    away: false,
    connect(callback) {
      if (this.away) callback(new Error('the server is away'), undefined);
      else pool.connect(callback);
    },
    end: () => pool.end(),
  };
}
