import { memorySecrets } from '@hookshake/core';
import { HOOK_STRIDE, hookIdOf } from './hooks.js';
import type { HooksInMemory } from './results.js';
import { median } from './statistics.js';

/** Fills `memorySecrets()` and tells what a hook takes there, and how long one is looked for. */
const HOOKS = 1_000_000;
const LOOK_UPS = 100_000;
const BATCHES = 9;

const secrets = memorySecrets();
const before = heapUsed();
for (let hook = 0; hook < HOOKS; hook++)
  await secrets.accept(hookIdOf(hook, HOOKS), secretOf(hook), 'always');
const bytesEach = (heapUsed() - before) / HOOKS;

const bare = new Map<string, readonly { readonly secret: string }[]>();
for (let hook = 0; hook < HOOKS; hook++) bare.set(hookIdOf(hook, HOOKS), [{ secret: secretOf(hook) }]);

const micros: number[] = [];
const bareMicros: number[] = [];
for (let batch = 0; batch < BATCHES; batch++) {
  // It gives what it holds at once; a receiver waits only for what is no such list.
  micros.push(lookUp(batch, (id) => (secrets.find(id) as readonly { readonly secret: string }[])[0]));
  bareMicros.push(lookUp(batch, (id) => bare.get(id)?.[0]));
}
const lookUpMicros = median(micros);
const result: HooksInMemory = { hooks: HOOKS, bytesEach, lookUpMicros, mapMicros: median(bareMicros) };
console.log(JSON.stringify(result));

/** Another one for each hook, 32 digits as Asana sends them. */
function secretOf(hook: number): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(hook);
  return bytes.toString('hex');
}

/** How long it takes to get to the secret of a hook. */
function lookUp(batch: number, find: (id: string) => { readonly secret: string } | undefined): number {
  // Made anew as a request makes them, so that none is the very string that is the key.
  const ids = Array.from({ length: LOOK_UPS }, (_, index) =>
    hookIdOf(((batch * LOOK_UPS + index) * HOOK_STRIDE) % HOOKS, HOOKS),
  );
  let found = 0;
  const since = performance.now();
  for (const id of ids) if (find(id)?.secret.length === 32) found++;
  const took = performance.now() - since;
  if (found !== LOOK_UPS) throw new Error(`Of ${LOOK_UPS} hooks ${found} were found`);
  return (took * 1000) / LOOK_UPS;
}

function heapUsed(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
