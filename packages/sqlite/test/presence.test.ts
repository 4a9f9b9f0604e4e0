import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { sqlite } from '../src/index.js';
import { temporaryFolder } from './support/temporary-folder.js';

const delivery = { id: 'a', hookId: 'bugs', receivedAtMs: 0, body: new Uint8Array(), traceparent: undefined };
const gone = { code: 'store_unusable', message: expect.stringMatching(/removed or replaced.*Restart/) };

afterEach(() => {
  vi.useRealTimers();
});

// What is written to a file that has no name any more is answered 200, and never found again.
describe('a file that is in use', () => {
  it.each<[string, (path: string) => void]>([
    ['removed', (path) => rmSync(path)],
    [
      'replaced',
      (path) => {
        renameSync(path, `${path}.old`);
        writeFileSync(path, '');
      },
    ],
  ])(
    'and is %s fails whatever would be written to it, a second later at the latest',
    async (_how, change) => {
      vi.useFakeTimers({ toFake: ['performance'] });
      const { path } = temporaryFolder();
      const { secrets, inbox, close } = sqlite(path);
      await secrets.accept('bugs', 'secret', 'always');
      change(path);
      vi.advanceTimersByTime(1_000);
      await expect(inbox.append(delivery)).rejects.toMatchObject(gone);
      await expect(async () => await secrets.find('bugs')).rejects.toMatchObject(gone);
      await expect(secrets.accept('bugs', 'another', 'always')).rejects.toMatchObject(gone);
      await expect(inbox.discard('f1')).rejects.toMatchObject(gone);
      await close();
    },
  );

  it('by a relative path stays the same one when the process changes its folder', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { path } = temporaryFolder();
    const before = process.cwd();
    process.chdir(dirname(path));
    const { secrets, close } = sqlite(basename(path));
    try {
      process.chdir(before);
      vi.advanceTimersByTime(1_000);
      expect(await secrets.accept('bugs', 'secret', 'always')).toBe('stored');
    } finally {
      await close();
    }
  });

  it('and stays is looked at without harm', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { secrets, inbox, close } = sqlite(temporaryFolder().path);
    vi.advanceTimersByTime(1_000);
    await secrets.accept('bugs', 'secret', 'always');
    await inbox.append(delivery);
    expect((await inbox.stats()).waiting).toBe(1);
    await close();
  });
});
