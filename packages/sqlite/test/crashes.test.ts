import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crashRounds } from '@hookshake/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { loadDriver } from '../src/driver.js';

/** `HOOKSHAKE_CRASH_ROUNDS=20 npx vitest run packages/sqlite/test/crashes.test.ts` for the whole of it. */
const rounds = Number(process.env['HOOKSHAKE_CRASH_ROUNDS'] ?? 5);

/** How many events a process of `crashRounds` handles at once, and so may handle again. */
const CONCURRENCY = 20;

// At the same time, since most of it is waiting for the leases of the killed.
describe.concurrent(`of what was answered 200 before SIGKILL came, ${rounds} times, all is handled, nothing else, and in order`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'hookshake-sqlite-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['one process that does both', { receivers: 1, workers: 0 }],
    ['two that receive and two that work on one file', { receivers: 2, workers: 2 }],
  ])(
    '%s',
    async (_name, crew) => {
      const path = join(folder, randomUUID());
      const module = new URL('../dist/index.js', import.meta.url).href;
      const report = await crashRounds({
        rounds,
        backend: { module, create: 'sqlite', args: [path] },
        ...crew,
      });
      const { sent, acknowledged, handled, repeated, ...wrong } = report;
      expect(wrong).toEqual({ refusals: [], lost: [], invented: [], disordered: [] });
      expect(acknowledged).toBeGreaterThan(rounds * 60);
      expect(handled).toBeGreaterThanOrEqual(acknowledged);
      expect(repeated).toBeLessThanOrEqual(rounds * CONCURRENCY * Math.max(1, crew.workers));
      if (rounds >= 20) console.info({ ...crew, sent, acknowledged, handled, repeated });

      const database = new (loadDriver().DatabaseSync)(path);
      expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
      database.close();
    },
    60_000 + rounds * 5_000,
  );
});
