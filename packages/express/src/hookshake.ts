import { assertMount, HookshakeError, hookIdBelowMount, hookIdInPath, type Receiver } from '@hookshake/core';
import { serveNodeRequest } from '@hookshake/core/node';
import type { Request, RequestHandler } from 'express';

/** Options of {@link hookshake}. */
export interface HookshakeOptions {
  /**
   * Tells the hook id of a request, where the path does not: `` (request) => `tenants/${request.params.tenant}` ``.
   * @defaultValue the parameter `hookId` if the route has one, else the path below the mount; `default` for the mount itself
   */
  readonly hookId?: ((request: Request) => string | undefined) | undefined;
}

/**
 * The receiver as Express middleware. Mount it before `express.json()`, or give that `verify: keepRawBody`.
 *
 * @throws {@link HookshakeError} `invalid_option`.
 * @example
 * ```ts
 * app.use('/webhooks/asana', hookshake(receiver));
 * ```
 */
export function hookshake(receiver: Receiver, options: HookshakeOptions = {}): RequestHandler {
  const { hookId, ...unknown } = options;
  assertMount('hookshake(receiver)', { receiver, hookId, unknown });

  return function handleAsanaWebhook(request, response) {
    return serveNodeRequest(receiver, request, response, () =>
      hookId === undefined ? hookIdOf(request, handleAsanaWebhook) : hookId(request),
    );
  };
}

function hookIdOf(request: Request, handler: RequestHandler): string | undefined {
  // Parameters come decoded, but a hook id never needs an escape.
  if ((request.baseUrl + request.path).includes('%')) return undefined;
  const [name, ...others] = Object.keys(request.params);
  if (name === undefined) return hookIdBelowMount(isFixedRoute(request, handler) ? '' : request.path);

  const value: string | string[] | undefined = request.params[name];
  const isWildcard = Array.isArray(value) || name === '0';
  if (others.length > 0 || (name !== 'hookId' && !isWildcard)) {
    throw new HookshakeError(
      'mount_ambiguous',
      'The route has parameters other than :hookId, so all its tenants would share one hook. Pass the option hookId',
    );
  }
  if (request.route === undefined && request.path !== '/') return undefined;
  const path = Array.isArray(value) ? value.join('/') : (value ?? '');
  return isWildcard ? hookIdBelowMount(`/${path}`) : hookIdInPath(path);
}

/** One handler, router or route of Express, and what it holds. */
interface Layer {
  readonly handle: unknown;
  readonly route?: unknown;
}

/** Whether the handler stands at a fixed path (`app.post`) rather than below a mount (`app.use`), where paths are cut. */
function isFixedRoute({ app, route, path }: Request, handler: RequestHandler): boolean {
  // A route that called next() leaves itself behind in `request.route`, so it must hold this handler; or, since tracing
  // agents wrap handlers, its very path, and then the handler must not be what is mounted behind that route.
  if (route === undefined) return false;
  const { stack, path: paths }: { stack: readonly Layer[]; path: unknown } = route;
  if (stack.some((layer) => layer.handle === handler)) return true;
  return [paths].flat().includes(path.replace(/\/$/, '')) && !isMounted(handler, app._router ?? app.router);
}

/** Whether the handler is mounted (`use`) in this router, or in one below it. */
function isMounted(handler: RequestHandler, router: unknown): boolean {
  const { stack = [] } = router as { readonly stack?: readonly Layer[] };
  return stack.some(
    ({ handle, route }) => route === undefined && (handle === handler || isMounted(handler, handle)),
  );
}
