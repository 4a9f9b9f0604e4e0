import { afterEach, describe, expect, it, vi } from 'vitest';
import { createReceiver, memorySecrets, type ReceiverOptions } from '../src/index.js';
import { readReceiverOptions } from '../src/receiver-options.js';

const secrets = memorySecrets();
const quiet = { warn() {}, error() {} };

afterEach(() => {
  vi.restoreAllMocks();
});

function create(options: object): () => unknown {
  return () => createReceiver({ secrets, logger: false, ...options } as ReceiverOptions);
}

describe('createReceiver', () => {
  it.each<[string, object]>([
    ['secrets', { secrets: undefined }],
    ['secrets', { secrets: null }],
    ['secrets', { secrets: {} }],
    ['secrets', { secrets: 'a secret' }],
    ['secrets', { secrets: { ...secrets, find: undefined } }],
    ['secrets', { secrets: { ...secrets, open: undefined } }],
    ['secrets', { secrets: { ...secrets, accept: true } }],
    ['secrets', { secrets: { ...secrets, settle: undefined } }],
    ['secrets', { secrets: { ...secrets, forget: undefined } }],
    ['close', { close: null }],
    ['close', { close: Promise.resolve() }],
    ['handshakes', { handshakes: 'all' }],
    ['handshakes', { handshakes: null }],
    ['handshakes', { handshakes: true }],
    ['handshakes', { handshakes: [] }],
    ['handshakes', { handshakes: { first: 'bugs' } }],
    ['handshakes', { handshakes: { first: [1] } }],
    ['handshakes', { handshakes: { first: ['not a hook id'] } }],
    ['handshakes', { handshakes: { first: ['bugs', '../bugs'] } }],
    ['maxBodyBytes', { maxBodyBytes: 0 }],
    ['maxBodyBytes', { maxBodyBytes: -1 }],
    ['maxBodyBytes', { maxBodyBytes: 1.5 }],
    ['maxBodyBytes', { maxBodyBytes: Number.NaN }],
    ['maxBodyBytes', { maxBodyBytes: Number.POSITIVE_INFINITY }],
    ['maxBodyBytes', { maxBodyBytes: '4mb' }],
    ['maxBodyBytes', { maxBodyBytes: 64 * 1024 * 1024 + 1 }],
    ['answerWithinMs', { answerWithinMs: 0 }],
    ['answerWithinMs', { answerWithinMs: 60_001 }],
    ['answerWithinMs', { answerWithinMs: '9000' }],
    ['answerWithinMs', { answerWithinMs: null }],
    ['logger', { logger: true }],
    ['logger', { logger: null }],
    ['logger', { logger: console.log }],
    ['logger', { logger: { warn() {} } }],
    ['logger', { logger: { error() {} } }],
    ['now', { now: 5 }],
    ['now', { now: new Date() }],
    ['answerWithin', { answerWithin: 9_000 }],
    ['secret', { secret: 'x' }],
    ['inbox', { inbox: {} }],
  ])('names `%s` when it is %o', (name, options) => {
    expect(create(options)).toThrow(expect.objectContaining({ code: 'invalid_option' }));
    expect(create(options)).toThrow(`\`${name}\``);
  });

  it('names the operation that a store lacks', () => {
    expect(create({ secrets: { ...secrets, settle: undefined } })).toThrow('settle()');
  });

  it('asks for its options when it is given none', () => {
    const createBare = createReceiver as unknown as (options?: unknown) => unknown;
    for (const nothing of [undefined, null]) {
      expect(() => createBare(nothing)).toThrow(expect.objectContaining({ code: 'invalid_option' }));
    }
  });

  it.each<[string, Partial<ReceiverOptions>]>([
    ['the least body', { maxBodyBytes: 1 }],
    ['the largest body', { maxBodyBytes: 64 * 1024 * 1024 }],
    ['the shortest answer', { answerWithinMs: 1 }],
    ['the longest answer', { answerWithinMs: 60_000 }],
    ['no hook listed', { handshakes: { first: [] } }],
    ['hooks listed', { handshakes: { first: ['bugs', 'default', 'a/b'] } }],
    ['a rule of one’s own', { handshakes: () => true }],
    ['the default by name', { handshakes: 'expected' }],
    ['the console', { logger: console }],
    [
      'undefined for all that may be left out',
      {
        close: undefined,
        handshakes: undefined,
        maxBodyBytes: undefined,
        answerWithinMs: undefined,
        logger: undefined,
        now: undefined,
      },
    ],
  ])('takes %s', (_name, options) => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(create(options)).not.toThrow();
  });
});

describe('readReceiverOptions', () => {
  it('has the documented defaults', () => {
    expect(readReceiverOptions({ secrets })).toMatchObject({
      handshakes: 'expected',
      maxBodyBytes: 4 * 1024 * 1024,
      answerWithinMs: 9_000,
      now: Date.now,
    });
  });

  it('does not change the options', () => {
    const options = Object.freeze({
      secrets,
      logger: quiet,
      handshakes: Object.freeze({ first: Object.freeze(['bugs']) }),
    });
    expect(readReceiverOptions(options)).toMatchObject({ logger: quiet });
    expect(Object.keys(options)).toEqual(['secrets', 'logger', 'handshakes']);
  });
});

describe('logger', () => {
  it('is the console unless told, one line for each thing to know', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    createReceiver({ secrets });
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/^hookshake: memorySecrets\(\) forgets [^\n]+$/)],
    ]);
  });

  it('says nothing when it is false', () => {
    const spies = (['warn', 'error', 'log', 'info'] as const).map((level) =>
      vi.spyOn(console, level).mockImplementation(() => {}),
    );
    createReceiver({ secrets, logger: false });
    expect(spies.flatMap((spy) => spy.mock.calls)).toEqual([]);
  });

  it('is called as a method, as a logger of a class needs', () => {
    class CountingLogger {
      lines = 0;
      warn(): void {
        this.lines++;
      }
      error(): void {
        this.lines++;
      }
    }
    const logger = new CountingLogger();
    createReceiver({ secrets, logger });
    expect(logger.lines).toBe(1);
  });
});
