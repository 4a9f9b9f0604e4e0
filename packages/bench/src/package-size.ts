import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('..', import.meta.url));

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The packages themselves as tarballs hold them, gzipped, in bytes; without what they depend on. */
export async function packedBytes(names: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const name of names) {
    const folder = await realpath(join(here, 'node_modules', name));
    const files = await filesIn(folder);
    bytes += gzipSync(Buffer.concat(await Promise.all(files.map((file) => readFile(file))))).length;
  }
  return bytes;
}

/** All that these entries of packages export, bundled with what they depend on, minified and gzipped, in bytes. */
export async function bundledBytes(entries: readonly string[]): Promise<number> {
  if (entries.length === 0) return 0;
  const imports = entries.map((entry, index) => `import * as p${index} from '${entry}';`);
  const contents = `${imports.join('\n')}\nconsole.log(${entries.map((_, index) => `p${index}`).join()});`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: here },
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    // What is native is installed and not bundled.
    external: ['@photostructure/sqlite'],
    write: false,
    logLevel: 'error',
  });
  return outputFiles.reduce((bytes, { contents: code }) => bytes + gzipSync(code, { level: 9 }).length, 0);
}

/** What is on the disk once the packages are installed, with all that they depend on. */
export async function installedOf(
  names: readonly string[],
): Promise<{ readonly installedBytes: number; readonly installedPackages: number }> {
  const folders = new Set<string>();

  async function add(name: string, from: string): Promise<void> {
    const folder = await findPackage(name, from);
    if (folder === undefined || folders.has(folder)) return;
    folders.add(folder);
    const manifest: Manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const others = { ...manifest.dependencies, ...manifest.optionalDependencies };
    for (const other of Object.keys(others)) await add(other, folder);
  }

  for (const name of names) await add(name, here);
  let installedBytes = 0;
  for (const folder of folders) installedBytes += await bytesIn(folder);
  return { installedBytes, installedPackages: folders.size };
}

/** Where Node would find it; nowhere is what an optional dependency for another system is. */
async function findPackage(name: string, from: string): Promise<string | undefined> {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = await realpath(join(folder, 'node_modules', name)).catch(() => undefined);
    if (found !== undefined || folder === dirname(folder)) return found;
  }
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const file of await filesIn(folder)) bytes += (await stat(file)).size;
  return bytes;
}

/** Without the packages inside, and without what only the sources of ours have. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) files.push(path);
    else if (!['node_modules', 'test', '.turbo'].includes(entry.name)) files.push(...(await filesIn(path)));
  }
  return files;
}
