import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { expect, it } from 'vitest';

const here = (path: string) => new URL(`../${path}`, import.meta.url);
const require = createRequire(import.meta.url);

it('openapi.ts is what its generator makes of Asana’s description', async () => {
  const { scripts } = JSON.parse(readFileSync(here('package.json'), 'utf8'));
  const source = /data\/\S+\.json/.exec(scripts.generate)?.[0] ?? '';
  const types = await openapiTS(here(source), { silent: true });
  const biome = join(dirname(require.resolve('@biomejs/biome/package.json')), 'bin/biome');
  const formatted = execFileSync(process.execPath, [biome, 'format', '--stdin-file-path=src/openapi.ts'], {
    cwd: fileURLToPath(here('.')),
    input: COMMENT_HEADER + astToString(types),
    encoding: 'utf8',
  });
  expect(formatted).toBe(readFileSync(here('src/openapi.ts'), 'utf8'));
}, 30_000);
