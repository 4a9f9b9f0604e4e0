import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { loadDriver } from '../src/driver.js';
import { sqlite } from '../src/index.js';
import { LEASE_MS } from '../src/working.js';
import { temporaryFolder } from './support/temporary-folder.js';

/** `HOOKSHAKE_CRASH_ROUNDS=20 npx vitest run packages/sqlite/test/crashes.test.ts` for the whole of it. */
const rounds = Number(process.env['HOOKSHAKE_CRASH_ROUNDS'] ?? 5);

it(`of what two processes had accepted when SIGKILL came, ${rounds} times, all is handled, nothing else, and in order`, async () => {
  const { path } = temporaryFolder();
  const answered = new Set<string>();
  for (let round = 1; round <= rounds; round++) {
    const children = await Promise.all(['a', 'b'].map(() => startProcess()));
    await Promise.all(
      children.map(async (child, index) => {
        let left = 20 + 13 * ((round * 7 + index * 3) % 11);
        child.on('message', (keys: readonly string[]) => {
          for (const key of keys) answered.add(key);
          if (--left === 0) child.kill('SIGKILL');
        });
        const exited = once(child, 'exit');
        // Each round, the leases of the one before have run out.
        child.send({ path, name: `${round}${'ab'[index]}`, leadMs: round * 2 * LEASE_MS });
        expect(await exited).toEqual([null, 'SIGKILL']);
      }),
    );
  }

  // The last process works off what is left, by the clock of one that comes later.
  const { inbox, close } = sqlite(path, { now: () => Date.now() + (rounds + 1) * 2 * LEASE_MS });
  const late: string[] = [];
  const worker = await inbox.consume({
    split: ({ id, hookId, receivedAtMs, body }) => {
      const { lane, keys } = JSON.parse(Buffer.from(body).toString()) as { lane: string; keys: string[] };
      return keys.map((key) => ({
        deliveryId: id,
        hookId,
        receivedAtMs,
        key,
        lane,
        name: 'task.changed',
        json: key,
      }));
    },
    handle: async ({ key, lane, json }) => void late.push(`${lane} ${key} ${json}`),
    duplicate() {},
    describe: () => 'failed',
    gaveUp() {},
    attempts: 1,
    backoffMs: 1,
    timeoutMs: 1_000,
    concurrency: 50,
  });
  await expect
    .poll(async () => (await inbox.stats()).waiting + (await inbox.stats()).running, { timeout: 30_000 })
    .toBe(0);
  await worker.stop(1_000);
  expect(await inbox.stats()).toMatchObject({ failed: 0, parked: 0 });
  await close();

  const handled = [...readLines(`${path}.handled`), ...late].map((line) => line.split(' '));
  const keys = new Set(handled.map(([, key]) => `${key}`));
  expect(
    [...answered].filter((key) => !keys.has(key)),
    'lost',
  ).toEqual([]);
  const begun = new Set(readLines(`${path}.begun`));
  expect(
    [...keys].filter((key) => !begun.has(key)),
    'invented',
  ).toEqual([]);
  expect(
    handled.filter(([, key, json]) => key !== json),
    'changed',
  ).toEqual([]);
  expect(handled.length - keys.size, 'handled twice').toBeLessThanOrEqual(rounds * 2 * 10);
  expect(existsSync(`${path}.given-up`)).toBe(false);
  expect(answered.size).toBeGreaterThan(rounds * 80);

  const lanes = new Map<string, number[]>();
  for (const key of keys) {
    const [, lane = '', count] = /^(.+)-(\d+)$/.exec(key) ?? [];
    lanes.set(lane, [...(lanes.get(lane) ?? []), Number(count)]);
  }
  expect(lanes.size).toBe(rounds * 8);
  for (const [lane, counts] of lanes) expect(counts, lane).toEqual(counts.map((_, index) => index));

  const database = new (loadDriver().DatabaseSync)(path);
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  database.close();
}, 120_000);

async function startProcess(): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL('support/inbox-process.mjs', import.meta.url)));
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'message');
  return child;
}

function readLines(path: string): readonly string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}
