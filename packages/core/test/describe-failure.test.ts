import { describe, expect, it } from 'vitest';
import { describeFailure, remedyIn } from '../src/describe-failure.js';
import { HookshakeError } from '../src/hookshake-error.js';

function withStack(error: Error, stack: string | undefined): Error {
  Object.defineProperty(error, 'stack', { value: stack });
  return error;
}

describe('describeFailure', () => {
  it('names the kind of error and the place it comes from', () => {
    expect(describeFailure(new RangeError('x'))).toMatch(
      /^threw RangeError at \S*describe-failure\.test\.ts:\d+:\d+$/,
    );
  });

  it.each([
    ['text', 'threw a value of type string'],
    [undefined, 'threw a value of type undefined'],
    [null, 'threw a value of type object'],
    [5, 'threw a value of type number'],
    [{ message: 'marker', stack: 'marker' }, 'threw a value of type object'],
  ])('names the type of %j, which is no error', (thrown, said) => expect(describeFailure(thrown)).toBe(said));

  it('says nothing of a message, though it may imitate a stack', () => {
    const message = 'marker\n    at marker (marker.js:1:2)\n    at marker.js:3:4';
    expect(describeFailure(new Error(message))).not.toContain('marker');
  });

  it('says no place when it cannot tell it from the message', () => {
    expect(describeFailure(withStack(new Error('x'), 'Error: another message\n    at notify.js:1:2'))).toBe(
      'threw Error',
    );
    expect(describeFailure(withStack(new Error('y'), undefined))).toBe('threw Error');
    expect(describeFailure(withStack(new Error('x'), 'Error: x'))).toBe('threw Error');
  });

  it('says no name that is no word', () => {
    for (const name of ['', 'two words', 'line\nbreak', 'x'.repeat(100), '<b>']) {
      expect(describeFailure(Object.assign(new Error('x'), { name }))).toMatch(/^threw Error(?: at |$)/);
    }
  });

  it("names the place in one's own code, though the error comes from below it", () => {
    const frames = [
      'at node:internal/deps/undici/undici:14976:13',
      'at async request (/app/node_modules/client/index.js:7:9)',
      'at async notify (file:///app/notify.js:12:5)',
      'at async main (file:///app/main.js:3:1)',
    ];
    const stack = (lines: readonly string[]) => ['TypeError: x', ...lines].join('\n    ');
    const error = withStack(new TypeError('x'), stack(frames));
    expect(describeFailure(error)).toBe('threw TypeError at file:///app/notify.js:12:5');
    const elsewhere = withStack(new TypeError('x'), stack(frames.slice(0, 2)));
    expect(describeFailure(elsewhere)).toBe('threw TypeError at node:internal/deps/undici/undici:14976:13');
  });

  it.each<[string, () => unknown]>([
    ['has no message', () => Object.assign(new Error('null'), { message: null })],
    ['has an undefined message', () => Object.assign(new Error('undefined'), { message: undefined })],
    ['has no stack', () => withStack(new Error('x'), null as unknown as undefined)],
    ['has a number for a stack', () => withStack(new Error('x'), 7 as unknown as undefined)],
  ])('describes an error that %s', (_what, make) => {
    expect(describeFailure(make())).toMatch(/^threw Error( at \S+)?$/);
  });

  it('says no place that holds what no terminal and no database should get', () => {
    const frames = [
      'at run (/templates/\0user:1:1)',
      'at run (/templates/\x1b[2Juser:1:1)',
      'at run (/app/ok.js:1:1)',
    ];
    const error = withStack(new Error('x'), ['Error: x', ...frames].join('\n    '));
    expect(describeFailure(error)).toBe('threw Error at /app/ok.js:1:1');
  });

  it('describes what cannot be looked at', () => {
    const throwing = new Proxy(new Error('x'), {
      get() {
        throw throwing;
      },
      getPrototypeOf() {
        throw throwing;
      },
    });
    expect(describeFailure(throwing)).toBe('threw something that cannot be looked at');
  });

  it.each(['', 'marker', 'short'])(
    'says nothing of a message that was changed to %j afterwards',
    (message) => {
      const error = new Error('short marker\n    at marker (/marker.js:1:2)');
      expect(error.stack).toContain('marker.js');
      error.message = message;
      expect(describeFailure(error)).toBe('threw Error');
    },
  );

  it('reads a frame without a function as well', () => {
    const bare = withStack(new Error('x'), 'Error: x\n    at file:///app/notify.js:12:5');
    expect(describeFailure(bare)).toBe('threw Error at file:///app/notify.js:12:5');
    const named = withStack(new Error('x'), 'Error: x\n    at async notify (/app/notify.js:12:5)');
    expect(describeFailure(named)).toBe('threw Error at /app/notify.js:12:5');
  });
});

describe('remedyIn', () => {
  it('finds what a backend says of itself, in the error or its cause', () => {
    const cause = new HookshakeError('store_unusable', 'Restart this process');
    expect(remedyIn(cause)).toBe('Restart this process');
    expect(remedyIn(new HookshakeError('store_failed', 'x', { cause }))).toBe('Restart this process');
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    [
      'an error of somebody else',
      new Error('marker', { cause: new HookshakeError('store_unusable', 'marker') }),
    ],
    ['an error with another code', new HookshakeError('handler_failed', 'marker')],
    [
      'an error whose cause is its own',
      Object.assign(new HookshakeError('store_failed', 'marker'), {
        get cause() {
          return this;
        },
      }),
    ],
    [
      'an error that cannot be looked at',
      new Proxy(new HookshakeError('store_unusable', 'marker'), {
        get(target, name) {
          if (name === 'message') throw new Error('marker');
          return Reflect.get(target, name);
        },
      }),
    ],
  ])('finds nothing in %s', (_what, error) => expect(remedyIn(error)).toBeUndefined());
});
