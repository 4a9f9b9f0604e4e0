import { AsanaError } from './asana-error.js';

/** A personal access token or an OAuth token, or what fetches one before each call. */
export type Token = string | (() => string | Promise<string>);

const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

/**
 * The token of one call.
 *
 * @throws {@link AsanaError} `token_failed` when the function throws, is late, or gives what no header can carry. `fetch`
 * would refuse that too, but with the token in its message.
 */
export async function readToken(token: Token, signal: AbortSignal): Promise<string> {
  let value: unknown;
  try {
    value = typeof token === 'string' ? token : await before(signal, token);
  } catch (cause) {
    throw new AsanaError('token_failed', 'The `token` function threw, or gave no token in time', { cause });
  }
  const text = typeof value === 'string' ? value.trim() : '';
  if (VISIBLE_ASCII.test(text)) return text;
  throw new AsanaError(
    'token_failed',
    'The token is empty or holds characters that no token has. Check where it is read from',
  );
}

async function before<T>(signal: AbortSignal, start: () => T | Promise<T>): Promise<T> {
  signal.throwIfAborted();
  return await new Promise<T>((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    Promise.resolve()
      .then(start)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', giveUp));
  });
}
