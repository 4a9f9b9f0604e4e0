import { describe, expect, it } from 'vitest';
import { HookshakeError, isHookshakeError } from '../src/index.js';

describe('isHookshakeError', () => {
  it('knows an error by its brand, and by its code if told', () => {
    const error: unknown = new HookshakeError('invalid_option', 'x', { cause: 'y' });
    expect(isHookshakeError(error)).toBe(true);
    expect(isHookshakeError(error, 'invalid_option')).toBe(true);
    expect(isHookshakeError(error, 'store_failed')).toBe(false);
    expect(error).toMatchObject({ name: 'HookshakeError', code: 'invalid_option', cause: 'y' });
    expect(error).toBeInstanceOf(Error);
  });

  it('knows an error of another copy of the package', () => {
    const foreign = Object.assign(new Error('x'), { [Symbol.for('hookshake.error')]: true, code: 'closing' });
    expect(isHookshakeError(foreign, 'closing')).toBe(true);
  });

  it.each([undefined, null, 'closing', 5, {}, { code: 'closing' }, new Error('closing')])(
    'does not take %o for one',
    (other) => {
      expect(isHookshakeError(other)).toBe(false);
      expect(isHookshakeError(other, 'closing')).toBe(false);
    },
  );

  it('does not show its brand to those who list its properties', () => {
    expect(Object.keys(new HookshakeError('closing', 'x'))).toEqual(['name', 'code']);
  });
});
