import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecretStore } from '@hookshake/core';
import ts from 'typescript';
import { afterAll, describe, expect, it } from 'vitest';
import { secretStoreBattery } from '../src/secret-store-battery.js';
import { blocksOf } from './documents.js';

describe('the store of docs/writing-a-store.md', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'hookshake-docs-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const block = blocksOf('docs/writing-a-store.md').find(({ text }) => text.includes('fileSecrets'));
  const { outputText } = ts.transpileModule(block?.text ?? '', {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
  });
  const file = join(directory, 'file-secrets.js');
  writeFileSync(file, outputText);
  const { fileSecrets } = (await import(file)) as {
    fileSecrets: (path: string, now: () => number) => SecretStore;
  };

  it.each(secretStoreBattery)('$title', ({ run }) =>
    run({
      create() {
        let now = Date.UTC(2026, 10, 1);
        const path = join(directory, randomUUID());
        return {
          store: fileSecrets(path, () => now),
          advance(ms) {
            now += ms;
          },
        };
      },
    }),
  );

  it('finds after a restart what it held before', async () => {
    const path = join(directory, randomUUID());
    await fileSecrets(path, Date.now).accept('bugs', 'secret', 'always');
    expect(await fileSecrets(path, Date.now).find('bugs')).toEqual([{ secret: 'secret' }]);
  });
});
