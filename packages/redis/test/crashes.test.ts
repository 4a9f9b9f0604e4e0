import { startRedis, withoutRedis } from '@hookshake/servers/redis';
import { crashRounds } from '@hookshake/testing';
import { describe, expect, it } from 'vitest';

/** `HOOKSHAKE_CRASH_ROUNDS=20 npx vitest run packages/redis/test/crashes.test.ts` for the whole of it. */
const rounds = Number(process.env['HOOKSHAKE_CRASH_ROUNDS'] ?? 5);

const CONCURRENCY = 20;
const WORKERS = 2;

// At the same time, since most of it is waiting for the leases of the killed.
describe.skipIf(withoutRedis)(
  `of what was answered 200 by processes that share a Redis, ${rounds} rounds long, all is handled, and nothing else`,
  { concurrent: true },
  () => {
    it.for([
      ['two receivers and two workers are killed', 'everysec', undefined],
      ['they are, and Redis is killed with appendfsync always', 'always', 'SIGKILL'],
      ['they are, and Redis is restarted with appendfsync everysec', 'everysec', 'SIGTERM'],
    ] as const)(
      '%s',
      { timeout: 120_000 + rounds * 10_000 },
      // Its own hook: the global one belongs to whichever test began last.
      async ([name, appendfsync, signal], { onTestFinished }) => {
        const server = await startRedis({ appendfsync });
        onTestFinished(() => server.remove());
        const { sent, acknowledged, handled, repeated, refusals, ...wrong } = await crashRounds({
          rounds,
          backend: {
            module: new URL('../dist/index.js', import.meta.url).href,
            create: 'redis',
            args: [server.url, { logger: false }],
          },
          receivers: 2,
          workers: WORKERS,
          concurrency: CONCURRENCY,
          // With Redis, receivers are killed in every other round, so that some live through its restart.
          kill: ({ role }, round) => signal === undefined || role === 'worker' || round % 2 === 0,
          async between(round, refused) {
            if (signal === undefined) return;
            await server.kill(signal);
            if (round % 2 === 1) await refused();
            await server.restart();
          },
        });
        expect({ lost: wrong.lost, invented: wrong.invented }).toEqual({ lost: [], invented: [] });
        expect(refusals.filter((one) => !one.startsWith('503'))).toEqual([]);
        expect(acknowledged).toBeGreaterThan(rounds * 60);
        expect(handled).toBeGreaterThanOrEqual(acknowledged);
        // A restart of Redis may come while any of them waits to note an end.
        expect(repeated).toBeLessThanOrEqual(rounds * CONCURRENCY * WORKERS * 2);
        if (rounds >= 20) console.info({ name, sent, acknowledged, handled, repeated, refusals });
      },
    );
  },
);
