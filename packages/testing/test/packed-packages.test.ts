import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly packageManager: string;
  readonly version: string;
}

interface Packed {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const project = fileURLToPath(new URL('packed-project', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'hookshake-packed-'));
afterAll(() => rm(folder, { recursive: true }));

const published = await readPublished();
const importPaths = published.flatMap(({ name, exports }) =>
  Object.keys(exports).map((path) => name + path.slice(1)),
);

let packed: readonly Packed[] = [];

/** The packages as the registry would get them: packed from what was built. */
beforeAll(async () => {
  const { packageManager } = await readManifest(root);
  const filters = published.flatMap(({ name }) => ['--filter', name]);
  const pack = ['pack', '--json', '--pack-destination', folder];
  packed = JSON.parse(await run('npx', ['-y', packageManager, '--recursive', ...filters, ...pack], root));
}, 120_000);

describe('each packed package', () => {
  it('holds its sources, what was built from them, a README and the licence, and nothing else', () => {
    expect(packed.map(({ name }) => name).sort()).toEqual(published.map(({ name }) => name).sort());
    for (const { name, files } of packed) {
      const paths = files.map(({ path }) => path);
      expect(paths, name).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']));

      const sources = paths.filter((path) => path.startsWith('src/'));
      const built = sources.flatMap((path) => {
        const stem = path.replace(/^src\//, 'dist/').replace(/\.ts$/, '');
        return [`${stem}.d.ts`, `${stem}.js`, `${stem}.js.map`];
      });
      const stale = `${name}: if dist holds more than src, delete dist and build again`;
      expect(paths.filter((path) => path.startsWith('dist/')).sort(), stale).toEqual(built.sort());

      const others = paths.filter(
        (path) => !/^(?:dist|src|data)\/|^(?:LICENSE|README\.md|package\.json)$/.test(path),
      );
      expect(others, name).toEqual([]);
      expect(
        paths.filter((path) => /\.test\.|(?:^|\/)test\//.test(path)),
        name,
      ).toEqual([]);
    }
  });

  it('has no complaint from publint or from Are the types wrong', { timeout: 120_000 }, async () => {
    for (const { filename } of packed) {
      await Promise.all([
        run(join(root, 'node_modules/.bin/publint'), [filename, '--strict'], root),
        run(join(root, 'node_modules/.bin/attw'), [filename, '--profile', 'esm-only'], root),
      ]);
    }
  });
});

describe('installed from their tarballs with npm', { timeout: 120_000 }, () => {
  it('an ESM project imports every path and completes a handshake with every adapter', async () => {
    expect(await playIn('module', 'load.mjs')).toEqual({
      exported: everyPath(),
      handshakes: { node: true, fetch: true, express: true, fastify: true },
    });
  });

  it('a CommonJS project requires every path, once, and completes a handshake with every adapter', async () => {
    expect(await playIn('commonjs', 'load.cjs')).toEqual({
      exported: everyPath(),
      handshakes: { node: true, fetch: true, express: true, fastify: true },
      loadedOnce: true,
    });
  });
});

/** Installs the tarballs into a new project and runs a program there; resolves to what that prints. */
async function playIn(type: 'module' | 'commonjs', program: string): Promise<unknown> {
  const directory = join(folder, type);
  await cp(project, directory, { recursive: true });
  await writeFile(join(directory, 'package.json'), JSON.stringify({ private: true, type }));

  const tarballs = packed.map(({ filename }) => filename);
  const frameworks = await Promise.all(['express', 'fastify'].map(installedVersion));
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock'];
  await run('npm', ['install', ...quiet, ...tarballs, ...frameworks], directory);
  return JSON.parse(await run(process.execPath, [program, ...importPaths, 'express', 'fastify'], directory));
}

/** Each path, with at least one name to import from it. */
function everyPath(): object {
  const atLeastOne = expect.toSatisfy((count: number) => count > 0);
  return Object.fromEntries([...importPaths, 'express', 'fastify'].map((path) => [path, atLeastOne]));
}

/** What the adapter for the framework was developed with. */
async function installedVersion(framework: string): Promise<string> {
  const { version } = await readManifest(join(root, 'packages', framework, 'node_modules', framework));
  return `${framework}@${version}`;
}

async function readPublished(): Promise<readonly Manifest[]> {
  const packages = await readdir(join(root, 'packages'));
  const manifests = await Promise.all(packages.map((name) => readManifest(join(root, 'packages', name))));
  return manifests.filter((manifest) => manifest.private !== true);
}

async function readManifest(directory: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));
}

/** Resolves to what the command prints. If it fails, the error has all of it. */
function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`));
    });
  });
}
