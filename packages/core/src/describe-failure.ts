import { type HookshakeError, isHookshakeError } from './hookshake-error.js';

/**
 * What failed and where, without a word of the error's message: it may hold what the event or a secret holds.
 * `TypeError at file:///app/notify.js:12:5`. Never throws, whatever was thrown.
 */
export function describeFailure(error: unknown): string {
  try {
    if (!(error instanceof Error)) return `threw a value of type ${typeof error}`;
    const { name, message, stack }: { [Key in keyof Error]: unknown } = error;
    const kind = typeof name === 'string' && /^[A-Za-z]\w{0,63}$/.test(name) ? name : 'Error';
    const place = placeOf(stack, message);
    return place === undefined ? `threw ${kind}` : `threw ${kind} at ${place}`;
  } catch {
    // A proxy perhaps, or a getter that throws.
    return 'threw something that cannot be looked at';
  }
}

const NEEDS_SOMEBODY = ['not_migrated', 'secret_undecryptable', 'store_unusable'] as const;

/**
 * What to do about a store or an inbox that only somebody can mend, in the words of hookshake's own backends, which hold
 * nothing secret. Never throws, whatever was thrown.
 */
export function remedyIn(error: unknown): string | undefined {
  try {
    const failure = isHookshakeError(error) && isHookshakeError(error.cause) ? error.cause : error;
    if (!NEEDS_SOMEBODY.some((code) => isHookshakeError(failure, code))) return undefined;
    return String((failure as HookshakeError).message);
  } catch {
    return undefined;
  }
}

/** The first place in code that is not Node's and not installed; if there is none, the first place. */
function placeOf(stack: unknown, message: unknown): string | undefined {
  if (typeof stack !== 'string' || typeof message !== 'string') return undefined;
  const frames = framesBehind(stack, message).matchAll(
    /^\s+at (?:.*\()?((?:file:|node:|\/|[A-Za-z]:[\\/])[^()\p{Cc}]*:\d+:\d+)\)?$/gmu,
  );
  const places = Array.from(frames, ([, place]) => place);
  return places.find((place) => !/^node:|[\\/]node_modules[\\/]/.test(place ?? '')) ?? places[0];
}

/**
 * A message may span lines and imitate frames, so only what stands behind it counts. One that was changed after the stack
 * was made does not stand there: then nothing counts.
 */
function framesBehind(stack: string, message: string): string {
  const firstLine = stack.split('\n', 1)[0] ?? '';
  const at = message === '' ? firstLine.length : stack.indexOf(message);
  const isHeader =
    message === '' ? !firstLine.includes(':') : /^(?:[^\n:]*: )?$/.test(stack.slice(0, Math.max(0, at)));
  const behind = stack.slice(at + message.length);
  return at !== -1 && isHeader && (behind === '' || behind.startsWith('\n')) ? behind : '';
}
