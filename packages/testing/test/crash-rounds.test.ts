import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startLoad } from '../src/crash-rounds/load.js';
import { type CrashRoundsOptions, crashRounds } from '../src/crash-rounds.js';

function run(create: string, options: Partial<CrashRoundsOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'hookshake-testing-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const module = new URL('crash-backends.mjs', import.meta.url).href;
  return crashRounds({
    rounds: 2,
    backend: { module, create, args: [join(folder, 'journal')] },
    ...options,
  });
}

it('finds nothing lost and nothing invented where deliveries are kept before they are answered', async () => {
  const { sent, acknowledged, handled, repeated, ...wrong } = await run('journal');
  expect(wrong).toEqual({ refusals: [], lost: [], invented: [], disordered: [] });
  expect(acknowledged).toBeGreaterThan(100);
  expect(handled).toBeGreaterThanOrEqual(acknowledged);
  expect(sent).toBeGreaterThanOrEqual(handled);
  expect(repeated).toBeGreaterThan(0);
}, 30_000);

it('finds what memoryInbox() loses', async () => {
  const { lost, invented } = await run('memory');
  expect(lost.length).toBeGreaterThan(0);
  expect(invented).toEqual([]);
}, 30_000);

it('finds what is lost where a delivery is answered before it is kept', async () => {
  expect((await run('early')).lost.length).toBeGreaterThan(0);
}, 30_000);

it('finds what is handled though nobody sent it', async () => {
  expect((await run('inventing')).invented.length).toBeGreaterThan(0);
}, 30_000);

it('finds what is handled in another order than it was sent in', async () => {
  const { disordered, lost } = await run('backwards');
  expect(disordered.length).toBeGreaterThan(0);
  expect(lost).toEqual([]);
}, 30_000);

it('kills only whom it is told to, and tells the round between', async () => {
  const killed: string[] = [];
  const between: number[] = [];
  const { lost } = await run('memory', {
    kill({ role, index }, round) {
      killed.push(`${round} ${role} ${index}`);
      return false;
    },
    between: async (round) => void between.push(round),
  });
  expect(killed).toEqual(['1 receiver 0', '2 receiver 0']);
  expect(between).toEqual([1, 2]);
  expect(lost).toEqual([]);
}, 30_000);

it('tells when deliveries are refused, and how', async () => {
  const { refusals, lost } = await run('bounded', {
    rounds: 1,
    kill: () => false,
    between: (_round, refused) => refused(),
  });
  expect(refusals).toEqual([expect.stringMatching(/^503 inbox_full/)]);
  expect(lost).toEqual([]);
}, 30_000);

it('tells why a process ended by itself', async () => {
  await expect(run('mortal', { kill: () => false, rounds: 20 })).rejects.toThrow(/by itself.*out of luck/s);
}, 30_000);

it('tells why a process did not start', async () => {
  await expect(run('nothing')).rejects.toThrow(/by itself.*invalid_option/s);
}, 30_000);

it('tells at once that a backend cannot be used', async () => {
  await expect(run('unusable')).rejects.toThrow(/by itself.*store_unusable/s);
}, 30_000);

it('takes a delivery that gets no answer for one that was refused', async () => {
  const server = createServer(() => {}).listen(0);
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const load = startLoad(1, 'secret', () => port, 50);
  await load.refusal(AbortSignal.timeout(10_000));
  await load.stop();
  expect([...load.refusals]).toEqual(['no answer']);
}, 30_000);

it('ends when it is told to', async () => {
  const reason = new Error('enough');
  const stop = new AbortController();
  const running = run('memory', { signal: stop.signal, between: async () => stop.abort(reason) });
  await expect(running).rejects.toBe(reason);
}, 30_000);
