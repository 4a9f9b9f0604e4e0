import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pathBelow } from '../src/hook-id.js';
import { hookIdBelowMount, hookIdInPath, isHookId } from '../src/index.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-';

const segments = fc
  .string({ unit: fc.constantFrom(...ALPHABET), minLength: 1, maxLength: 30 })
  .filter((segment) => segment !== '.' && segment !== '..');
const hookIds = fc
  .array(segments, { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join('/'))
  .filter((hookId) => hookId !== 'default');

describe('isHookId', () => {
  it.each(['bugs', 'a', '0', '-', '~', '_', '...', '.a', 'a.', '..a', 'a/b', 'a/.../b', 'A/b/C', ALPHABET])(
    'takes %j',
    (hookId) => expect(isHookId(hookId)).toBe(true),
  );

  it.each([
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    './a',
    '../a',
    'a/.',
    'a/..',
    'a/./b',
    'a/../b',
    'a b',
    'a%20b',
    'a%2Fb',
    'a\\b',
    'a?b',
    'a#b',
    'a:b',
    'a+b',
    'a\0',
    'a\n',
    '\na',
    'ä',
    'а',
    'a\u200b',
    '💥',
  ])('refuses %j', (hookId) => expect(isHookId(hookId)).toBe(false));

  it('takes 200 characters and refuses 201', () => {
    expect(isHookId('x'.repeat(200))).toBe(true);
    expect(isHookId('x'.repeat(201))).toBe(false);
    expect(isHookId(`${'x/'.repeat(99)}xx`)).toBe(true);
    expect(isHookId(`${'x/'.repeat(100)}x`)).toBe(false);
  });

  it('takes what follows the grammar, and nothing with a character outside of it', () => {
    fc.assert(
      fc.property(hookIds, (hookId) => {
        expect(isHookId(hookId)).toBe(true);
      }),
    );
    fc.assert(
      fc.property(hookIds, fc.string({ minLength: 1 }), fc.nat(), (hookId, odd, at) => {
        fc.pre([...odd].some((character) => !`${ALPHABET}/`.includes(character)));
        const place = at % (hookId.length + 1);
        expect(isHookId(hookId.slice(0, place) + odd + hookId.slice(place))).toBe(false);
      }),
    );
  });

  it('answers at once for a text that is made to be slow', () => {
    expect(isHookId(`${'a'.repeat(199)}!`)).toBe(false);
    expect(isHookId(`${'a/'.repeat(1_000_000)}!`)).toBe(false);
  });
});

describe('hookIdBelowMount', () => {
  it.each([
    ['', 'default'],
    ['/', 'default'],
    ['?a=b', 'default'],
    ['/?a=b', 'default'],
    ['/bugs', 'bugs'],
    ['/bugs/', 'bugs'],
    ['/bugs?a=/b', 'bugs'],
    ['/bugs/?a=b?c', 'bugs'],
    ['/bugs/today', 'bugs/today'],
    ['/bugs/default', 'bugs/default'],
    ['/Default', 'Default'],
  ])('reads %j as %j', (tail, hookId) => expect(hookIdBelowMount(tail)).toBe(hookId));

  it.each([
    'bugs',
    '//',
    '//bugs',
    '/bugs//',
    '/default',
    '/default/',
    '/%62ugs',
    '/../bugs',
    '/bugs/..',
    '/a b',
    '/a;b',
    '/a\0',
  ])('finds no hook in %j', (tail) => expect(hookIdBelowMount(tail)).toBeUndefined());

  it('reads every hook id back from its path, with or without slash and query', () => {
    fc.assert(
      fc.property(
        hookIds,
        fc.constantFrom('', '/'),
        fc.constantFrom('', '?', '?a=1&b=/c'),
        (hookId, slash, query) => {
          fc.pre(hookId.length <= 200);
          expect(hookIdBelowMount(`/${hookId}${slash}${query}`)).toBe(hookId);
        },
      ),
    );
  });

  it('gives nothing that is not a hook id, whatever the path', () => {
    fc.assert(
      fc.property(fc.string(), (tail) => {
        const hookId = hookIdBelowMount(`/${tail}`);
        expect(hookId === undefined || isHookId(hookId)).toBe(true);
      }),
    );
  });
});

describe('hookIdInPath', () => {
  it('takes a hook id but the one of the mount, which has no second address', () => {
    expect(hookIdInPath('bugs')).toBe('bugs');
    expect(hookIdInPath('default')).toBeUndefined();
    expect(hookIdInPath('a b')).toBeUndefined();
    expect(hookIdInPath('')).toBeUndefined();
  });
});

describe('pathBelow', () => {
  it.each([
    ['/hooks', '/hooks', ''],
    ['/hooks', '/hooks/', '/'],
    ['/hooks', '/hooks/bugs', '/bugs'],
    ['/hooks', '/hooks?a=b', '?a=b'],
    ['/hooks/', '/hooks/bugs', '/bugs'],
    ['/', '/bugs', '/bugs'],
    ['', '/bugs', '/bugs'],
    ['/', '/', '/'],
  ])('below %j, %j is %j', (basePath, url, tail) => expect(pathBelow(basePath, url)).toBe(tail));

  it.each([
    ['/hooks', '/hook'],
    ['/hooks', '/hooksbugs'],
    ['/hooks', '/'],
    ['/hooks', '/other/hooks/bugs'],
    ['/hooks', '/Hooks/bugs'],
    ['/hooks', '/hooks%2Fbugs'],
  ])('%j holds nothing of %j', (basePath, url) => expect(pathBelow(basePath, url)).toBeUndefined());
});
