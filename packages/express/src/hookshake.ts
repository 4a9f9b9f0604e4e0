import { HookshakeError, hookIdBelowMount, hookIdInPath, type Receiver } from '@hookshake/core';
import { serveNodeRequest } from '@hookshake/core/node';
import type { Request, RequestHandler } from 'express';

/** Options of {@link hookshake}. */
export interface HookshakeOptions {
  /**
   * Tells the hook id of a request, where the path does not: `(request) => request.params.tenant`.
   * @defaultValue the parameter `hookId` if the route has one, else the path below the mount; `default` for the mount itself
   */
  readonly hookId?: ((request: Request) => string | undefined) | undefined;
}

/**
 * The receiver as Express middleware. Mount it before `express.json()`, or give that `verify: keepRawBody`.
 *
 * @example
 * ```ts
 * app.use('/webhooks/asana', hookshake(receiver));
 * ```
 */
export function hookshake(receiver: Receiver, options: HookshakeOptions = {}): RequestHandler {
  return async function handleAsanaWebhook(request, response) {
    await serveNodeRequest(receiver, request, response, () =>
      options.hookId === undefined ? hookIdOf(request, handleAsanaWebhook) : options.hookId(request),
    );
  };
}

function hookIdOf(request: Request, handler: RequestHandler): string | undefined {
  // Parameters come decoded, but a hook id never needs an escape.
  if ((request.baseUrl + request.path).includes('%')) return undefined;
  const tail = isRouteOf(request, handler) ? '' : request.path;
  const [name, ...others] = Object.keys(request.params);
  if (name === undefined) return hookIdBelowMount(tail);

  const value: string | string[] | undefined = request.params[name];
  const isWildcard = Array.isArray(value) || name === '0';
  if (others.length > 0 || (name !== 'hookId' && !isWildcard)) {
    throw new HookshakeError(
      'mount_ambiguous',
      'The route has parameters other than :hookId, so all its tenants would share one hook. Pass the option hookId',
    );
  }
  if (tail !== '' && tail !== '/') return undefined;
  return hookIdInPath(Array.isArray(value) ? value.join('/') : (value ?? ''));
}

/** Whether the handler stands in a route (`app.post`) rather than below a mount (`app.use`), where paths are cut. */
function isRouteOf(request: Request, handler: RequestHandler): boolean {
  // `request.route` may be left over from an earlier route that called next(), so it must hold this very handler.
  const route: { readonly stack: readonly { readonly handle: unknown }[] } | undefined = request.route;
  return route?.stack.some((layer) => layer.handle === handler) === true;
}
