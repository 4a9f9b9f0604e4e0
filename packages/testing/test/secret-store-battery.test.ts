import { encrypted, memorySecrets, type SecretStore } from '@hookshake/core';
import { describe, expect, it } from 'vitest';
import { type SecretStoreSetup, secretStoreBattery } from '../src/secret-store-battery.js';

const key = new Uint8Array(32).fill(1);

function createMemorySetup(wrap: (store: SecretStore) => SecretStore = (store) => store): SecretStoreSetup {
  let now = Date.UTC(2026, 10, 1);
  return {
    store: wrap(memorySecrets({ now: () => now })),
    advance(ms) {
      now += ms;
    },
  };
}

/** Two handles on one store, as two processes have, each of them encrypting, on a clock that runs by itself. */
function createSharedSetup(): SecretStoreSetup {
  let moved = 0;
  const shared = memorySecrets({ now: () => performance.now() + moved });
  return {
    store: encrypted(shared, { key }),
    second: encrypted(shared, { key }),
    async advance(ms) {
      moved += ms;
    },
  };
}

describe.each([
  ['memorySecrets()', { create: () => createMemorySetup() }],
  ['encrypted(memorySecrets())', { create: () => createMemorySetup((store) => encrypted(store, { key })) }],
  ['a store shared by two processes', { create: createSharedSetup, clock: 'running' as const }],
])('%s', (_name, subject) => {
  for (const { title, run } of secretStoreBattery) it(title, () => run(subject));
});

describe('secretStoreBattery', () => {
  it('gives each case a title of its own', () => {
    const titles = secretStoreBattery.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('makes one store for each case, and closes it when the case has passed', async () => {
    for (const { run } of secretStoreBattery) {
      const calls: string[] = [];
      await run({
        create() {
          calls.push('create');
          return { ...createMemorySetup(), close: async () => void calls.push('close') };
        },
      });
      expect(calls).toEqual(['create', 'close']);
    }
  });

  it('closes the store when the case has failed', async () => {
    let closed = 0;
    const failing = (): never => {
      throw new TypeError('no such server');
    };
    const [first] = secretStoreBattery;
    const running = first?.run({
      create: () => ({
        store: { ...memorySecrets(), open: failing },
        advance() {},
        close() {
          closed++;
        },
      }),
    });
    await expect(running).rejects.toThrow('no such server');
    expect(closed).toBe(1);
  });
});
