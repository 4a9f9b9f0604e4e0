import { startPostgres, withoutPostgres } from '@hookshake/servers/postgres';
import { crashRounds } from '@hookshake/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { postgres } from '../src/index.js';

/** `HOOKSHAKE_CRASH_ROUNDS=20 npx vitest run packages/postgres/test/crashes.test.ts` for the whole of it. */
const rounds = Number(process.env['HOOKSHAKE_CRASH_ROUNDS'] ?? 5);

/** How many events a process of `crashRounds` handles at once, and so may handle again. */
const CONCURRENCY = 20;

describe.skipIf(withoutPostgres)('of what was answered 200', () => {
  it(
    `all is handled, and nothing else, though ${rounds} times processes got SIGKILL and the server was stopped`,
    async () => {
      const server = await startPostgres();
      onTestFinished(() => server.remove());
      const { migrate, close } = postgres(server.url);
      await migrate();
      await close();

      const report = await crashRounds({
        rounds,
        backend: {
          module: new URL('../dist/index.js', import.meta.url).href,
          create: 'postgres',
          args: [server.url],
        },
        receivers: 2,
        workers: 2,
        // By turns: those that are left have to get over the restart of the server.
        kill: ({ index }, round) => index === round % 2,
        // By turns, too: with a last word to each connection, and as a crash.
        async between(round) {
          await server.stop(round % 2 === 0 ? 'fast' : 'immediate');
          await server.start();
        },
      });
      const { lost, invented, sent, acknowledged, handled, repeated } = report;
      expect({ lost, invented }).toEqual({ lost: [], invented: [] });
      expect(acknowledged).toBeGreaterThan(rounds * 60);
      expect(handled).toBeGreaterThanOrEqual(acknowledged);
      expect(repeated).toBeLessThanOrEqual(rounds * CONCURRENCY * 2);
      if (rounds >= 20) console.info({ sent, acknowledged, handled, repeated });
    },
    60_000 + rounds * 5_000,
  );
});
