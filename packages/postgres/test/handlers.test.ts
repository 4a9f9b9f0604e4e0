import { type PostgresServer, startPostgres, withoutPostgres } from '@hookshake/servers/postgres';
import { handlerBattery } from '@hookshake/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { postgres } from '../src/index.js';

describe.skipIf(withoutPostgres)('handlers with postgres()', () => {
  let server: PostgresServer;
  let schemas = 0;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.remove());

  it.each(handlerBattery)('$title', ({ run }) =>
    run(async () => {
      const store = postgres(server.url, { schema: `handlers_${++schemas}` });
      await store.migrate();
      return store;
    }),
  );
});
