import { describe, expect, it } from 'vitest';
import { memorySecrets } from '../src/index.js';

// The battery for secret stores, in the package for testing, proves the rest.

describe('memorySecrets', () => {
  it('refuses options that it does not have', () => {
    expect(() => memorySecrets({ clock: Date.now } as object)).toThrow('is no option of memorySecrets()');
  });

  it('says that nothing survives', () => {
    expect(memorySecrets().durability).toBe('none');
  });

  it('keeps nothing in common with another one', async () => {
    await memorySecrets().accept('bugs', 'secret', 'always');
    expect(await memorySecrets().find('bugs')).toEqual([]);
  });

  it('runs on the real clock unless told', async () => {
    const secrets = memorySecrets();
    await secrets.open('bugs', { withinMs: 60_000, confirm: false });
    expect(await secrets.accept('bugs', 'secret', 'window')).toBe('stored');
  });

  it('does not change a list that it gave away', async () => {
    const secrets = memorySecrets();
    await secrets.accept('bugs', 'first', 'always');
    const before = await secrets.find('bugs');
    await secrets.accept('bugs', 'second', 'always');
    await secrets.forget('bugs', { secret: 'first' });
    expect(before).toEqual([{ secret: 'first' }]);
  });
});
