import { createHmac } from 'node:crypto';
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
for (let hook = 0; hook < HOOKS; hook++) {
  const secret = createHmac('md5', 'bench').update(String(hook)).digest('hex');
  await secrets.accept(hookIdOf(hook, HOOKS), secret, 'always');
}
const bytesEach = (heapUsed() - before) / HOOKS;

const micros: number[] = [];
for (let batch = 0; batch < BATCHES; batch++) {
  // Made anew as a request makes them, so that none is the very string that is the key.
  const ids = Array.from({ length: LOOK_UPS }, (_, index) =>
    hookIdOf(((batch * LOOK_UPS + index) * HOOK_STRIDE) % HOOKS, HOOKS),
  );
  let found = 0;
  const since = performance.now();
  for (const id of ids) found += (await secrets.find(id)).length;
  micros.push(((performance.now() - since) * 1000) / LOOK_UPS);
  if (found !== LOOK_UPS) throw new Error(`Of ${LOOK_UPS} hooks ${found} were found`);
}
const result: HooksInMemory = { hooks: HOOKS, bytesEach, lookUpMicros: median(micros) };
console.log(JSON.stringify(result));

function heapUsed(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
