import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crashRounds } from '@hookshake/testing';
import { expect, it, type TestContext } from 'vitest';

/** A small disk of its own. Only root may make one: elsewhere the test is left out, which CI does not put up with. */
function mountSmallDisk({ skip, onTestFinished }: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hookshake-disk-'));
  onTestFinished(() => rmdirSync(folder));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder], { stdio: 'pipe' });
  } catch (cause) {
    if (process.env['CI'] !== undefined) throw cause;
    const note = 'LEFT OUT: a full disk needs a tmpfs, and mount failed. Run as root on Linux to include it';
    console.warn(note);
    skip(note);
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return folder;
}

function fill(path: string): void {
  const file = openSync(path, 'a');
  try {
    for (const size of [65_536, 4_096, 1]) {
      try {
        for (;;) writeSync(file, Buffer.alloc(size));
      } catch (error) {
        if ((error as { code?: string }).code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    closeSync(file);
  }
}

it('on a full disk deliveries are refused with 503; nothing is lost, and it goes on once there is space', async (context) => {
  const folder = mountSmallDisk(context);
  const ballast = join(folder, 'ballast');
  const { refusals, acknowledged, repeated, lost, invented, disordered } = await crashRounds({
    rounds: 3,
    backend: {
      module: new URL('../dist/index.js', import.meta.url).href,
      create: 'sqlite',
      args: [join(folder, 'hooks.db')],
    },
    workers: 1,
    kill: () => false,
    async between(_round, refused) {
      fill(ballast);
      await refused();
      rmSync(ballast);
    },
    signal: context.signal,
  });
  expect(refusals).toEqual([expect.stringMatching(/^503 inbox_failed/)]);
  expect({ lost, invented, disordered, repeated }).toEqual({
    lost: [],
    invented: [],
    disordered: [],
    repeated: 0,
  });
  expect(acknowledged).toBeGreaterThan(100);
}, 120_000);
