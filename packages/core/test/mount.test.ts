import { describe, expect, it } from 'vitest';
import { createFetchHandler } from '../src/fetch.js';
import { createReceiver, memorySecrets, type Receiver } from '../src/index.js';
import { createNodeHandler } from '../src/node.js';

const receiver = createReceiver({ secrets: memorySecrets(), logger: false });

describe.each([
  ['createNodeHandler', createNodeHandler],
  ['createFetchHandler', createFetchHandler],
] as const)('%s', (_name, create) => {
  it.each<[string, unknown, object | undefined, RegExp]>([
    ['no receiver', undefined, undefined, /\(receiver\) needs a receiver/],
    ['options where the receiver belongs', { receiver }, undefined, /\(receiver\) needs a receiver/],
    ['an option that it does not have', receiver, { basepath: '/asana' }, /`basepath` is no option of /],
    ['a rule that is no function', receiver, { hookId: 'bugs' }, /`hookId` must be a function/],
    ['a base path that is none', receiver, { basePath: 'asana' }, /`basePath` must begin with \//],
  ])('throws at %s', (_what, given, options, message) => {
    expect(() => create(given as Receiver, options)).toThrow(
      expect.objectContaining({ code: 'invalid_option', message: expect.stringMatching(message) }),
    );
  });

  it('takes all options that it has, and none', () => {
    expect(create(receiver)).toBeTypeOf('function');
    expect(create(receiver, {})).toBeTypeOf('function');
    expect(create(receiver, { basePath: '/asana/', hookId: () => 'bugs' })).toBeTypeOf('function');
    expect(create(receiver, { basePath: '', hookId: undefined })).toBeTypeOf('function');
  });
});
