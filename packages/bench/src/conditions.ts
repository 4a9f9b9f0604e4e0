import { readFile } from 'node:fs/promises';
import { cpus, type as system } from 'node:os';
import { fileURLToPath } from 'node:url';
import { cases } from './cases.js';
import { findGenerator } from './load.js';
import type { Conditions } from './results.js';
import type { Extent } from './rounds.js';
import { isPinned } from './server-process.js';

/** Where, when and with what a run is made. */
export async function readConditions(
  isQuick: boolean,
  { starts, warmUpMs, roundMs }: Extent,
): Promise<Conditions> {
  const processors = cpus();
  const versions: Record<string, string> = {};
  for (const name of [...new Set(cases.flatMap(({ installs }) => installs))].sort()) {
    versions[name] = await versionOf(name);
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown CPU'}, ${system()}, Node ${process.versions.node}`,
    generator: findGenerator(),
    isPinned,
    isQuick,
    starts,
    warmUpMs,
    roundMs,
    versions,
  };
}

async function versionOf(name: string): Promise<string> {
  const path = fileURLToPath(new URL(`../node_modules/${name}/package.json`, import.meta.url));
  const { version }: { readonly version: string } = JSON.parse(await readFile(path, 'utf8'));
  return version;
}
