import { HookshakeError } from './hookshake-error.js';

const MAX_LENGTH = 200;
const SEGMENTS = /^[A-Za-z0-9._~-]+(?:\/[A-Za-z0-9._~-]+)*$/;
const DOT_SEGMENT = /(?:^|\/)\.{1,2}(?:\/|$)/;

/** The hook id of the mount itself: the target that has no path below the mount. */
const MOUNT_HOOK_ID = 'default';

/**
 * Whether a text can name a hook: segments of `A–Z a–z 0–9 . _ ~ -` joined by `/`, no dot segments, 1 to 200 characters.
 * None of these characters needs an escape in a URL, a log line or a database key.
 */
export function isHookId(text: string): boolean {
  // A framework may give an array for a query parameter, whatever its types say.
  return (
    typeof text === 'string' && text.length <= MAX_LENGTH && SEGMENTS.test(text) && !DOT_SEGMENT.test(text)
  );
}

/** Throws `invalid_hook_id` unless the text can name a hook. */
export function assertHookId(hookId: string): void {
  if (isHookId(hookId)) return;
  throw new HookshakeError(
    'invalid_hook_id',
    `${JSON.stringify(hookId)} cannot be a hook id. Use A–Z a–z 0–9 . _ ~ - in segments joined by /, 200 characters ` +
      'at most',
  );
}

/**
 * The hook id in the part of a URL's path that lies below the mount: nothing or `/` is the mount itself, `/bugs` is
 * `bugs`. Query and one trailing slash are ignored. `undefined` when the path names no hook.
 */
export function hookIdBelowMount(tail: string): string | undefined {
  const path = withoutQuery(tail);
  if (path === '' || path === '/') return MOUNT_HOOK_ID;
  if (!path.startsWith('/')) return undefined;
  return hookIdInPath(path.slice(1, path.endsWith('/') ? -1 : undefined));
}

/** As {@link hookIdBelowMount}, for a value that a route parameter captured. */
export function hookIdInPath(path: string): string | undefined {
  // '/default' is no second address of the mount: one hook, one target.
  return isHookId(path) && path !== MOUNT_HOOK_ID ? path : undefined;
}

/** Throws `invalid_option` unless it is a path, or empty. */
export function assertBasePath(basePath: string): void {
  if (basePath === '' || (typeof basePath === 'string' && basePath.startsWith('/'))) return;
  throw new HookshakeError('invalid_option', `\`basePath\` must begin with /, which ${basePath} does not`);
}

/**
 * The part of a path below `basePath`, or `undefined` when the path lies outside of it.
 * `basePath` is compared as written; its trailing slash does not matter.
 */
export function pathBelow(basePath: string, url: string): string | undefined {
  const base = basePath.endsWith('/') ? basePath.slice(0, -1) : basePath;
  if (!url.startsWith(base)) return undefined;
  const tail = url.slice(base.length);
  return tail === '' || tail.startsWith('/') || tail.startsWith('?') ? tail : undefined;
}

/**
 * Path and query of a request target, as written: `URL` would resolve dot segments. A target is a path as a rule; what
 * speaks to a proxy sends the whole URL.
 */
export function pathOf(target: string): string {
  if (target.startsWith('/')) return target;
  const path = target.indexOf('/', target.indexOf('://') + 3);
  return path === -1 ? '/' : target.slice(path);
}

function withoutQuery(path: string): string {
  const query = path.indexOf('?');
  return query === -1 ? path : path.slice(0, query);
}
