/** What is used of a client of `pg`. */
export interface PostgresClient {
  query(config: {
    text: string;
    values?: unknown[];
    query_timeout?: number;
  }): Promise<{ readonly rows: unknown[]; readonly rowCount: number | null }>;
  release(destroy?: boolean): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
}

/** What is used of a `Pool` of `pg`. */
export interface PostgresPool {
  connect(callback: (error: Error | undefined, client: PostgresClient | undefined) => void): void;
}

/** Runs a statement on a connection. */
export type Run = <Row = unknown>(
  text: string,
  values?: readonly unknown[],
) => Promise<{ readonly rows: Row[]; readonly rowCount: number }>;

/** Bounded access to the pool. */
export interface Database {
  /** Runs statements one by one, each its own transaction, as isolated as is the server's default: to read. */
  query: Run;
  /**
   * Runs statements in one transaction. `READ COMMITTED` whatever the server's default is: a statement that comes after
   * a lock has to see what the one before it in the lock did.
   */
  transaction<T>(work: (run: Run) => Promise<T>): Promise<T>;
}

/** A server that does not answer a statement within this time counts as away, in milliseconds. */
const ANSWER_WITHIN_MS = 4_000;

export function createDatabase(pool: PostgresPool, withinMs: number = ANSWER_WITHIN_MS): Database {
  /**
   * A connection that breaks between two statements says so by an event, which ends the process if nobody listens. The
   * pool stops listening when it calls back, and what a promise gives would be seen only after that: a server that
   * stops may have said so meanwhile.
   *
   * A pool waits for ever unless it was told otherwise; what it lends after our time goes back.
   */
  function borrow(): Promise<PostgresClient> {
    return new Promise((resolve, reject) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        reject(new Error(`The pool lent no connection within ${withinMs} ms`));
      }, withinMs);
      pool.connect((error, client) => {
        clearTimeout(timer);
        if (client === undefined) return reject(error);
        if (isLate) return client.release();
        client.on('error', ignore);
        resolve(client);
      });
    });
  }

  /** A connection on which anything failed is closed rather than reused: that also rolls back whatever was open. */
  async function lend<T>(work: (run: Run) => Promise<T>): Promise<T> {
    const client = await borrow();
    let failed = true;
    try {
      const result = await work((async (text: string, values: readonly unknown[] = []) => {
        const { rows, rowCount } = await client.query({
          text,
          values: [...values],
          query_timeout: withinMs,
        });
        return { rows, rowCount: rowCount ?? 0 };
      }) as Run);
      failed = false;
      return result;
    } finally {
      client.removeListener('error', ignore);
      client.release(failed);
    }
  }

  return {
    query: (text, values) => lend((run) => run(text, values)),
    transaction: (work) =>
      lend(async (run) => {
        await run('BEGIN ISOLATION LEVEL READ COMMITTED');
        const result = await work(run);
        await run('COMMIT');
        return result;
      }),
  };
}

function ignore(): void {}

/** Waits until no other transaction holds the lock of this name, and holds it until this one ends. */
export async function lock(run: Run, name: string): Promise<void> {
  await run('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [name]);
}
