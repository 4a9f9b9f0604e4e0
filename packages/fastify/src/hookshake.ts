import { assertMount, HookshakeError, hookIdBelowMount, hookIdInPath, type Receiver } from '@hookshake/core';
import { serveNodeRequest } from '@hookshake/core/node';
import type { FastifyPluginAsync, FastifyRequest, RegisterOptions } from 'fastify';
import fp from 'fastify-plugin';

/** Options of {@link hookshake}; `prefix` is Fastify's own. */
export interface HookshakeOptions {
  readonly receiver: Receiver;
  /**
   * Tells the hook id of a request, where the path does not: `(request) => request.params.tenant`.
   * @defaultValue the parameter `hookId` if the prefix has one, else the path below the prefix; `default` for the prefix itself
   */
  readonly hookId?: ((request: FastifyRequest) => string | undefined) | undefined;
}

const plugin: FastifyPluginAsync<HookshakeOptions> = async (app, options = {} as HookshakeOptions) => {
  const {
    receiver,
    hookId,
    prefix,
    logLevel,
    logSerializers,
    ...unknown
  }: HookshakeOptions & RegisterOptions = options;
  assertMount('register(hookshake, { receiver, prefix })', { receiver, hookId, unknown });

  for (const url of ['/', '/*']) {
    app.route({
      method: app.supportedMethods,
      url,
      exposeHeadRoute: false,
      // Answered before Fastify looks at the body: the signature covers its bytes, and any content type will do.
      preParsing: async (request, reply) => {
        reply.hijack();
        await serveNodeRequest(receiver, request.raw, reply.raw, () =>
          hookId === undefined ? hookIdOf(request) : hookId(request),
        );
      },
      handler: () => {},
    });
  }
};

/**
 * The receiver as a Fastify plugin. Registration rejects with `invalid_option` for options that cannot be.
 *
 * @example
 * ```ts
 * await app.register(hookshake, { receiver, prefix: '/webhooks/asana' });
 * ```
 */
// Encapsulated, though fastify-plugin's default is not: else the prefix would be lost.
export const hookshake: FastifyPluginAsync<HookshakeOptions> = fp(plugin, {
  name: '@hookshake/fastify',
  fastify: '5.x',
  encapsulate: true,
});

function hookIdOf(request: FastifyRequest): string | undefined {
  // Parameters come decoded, but a hook id never needs an escape.
  const [path = ''] = request.url.split('?', 1);
  if (path.includes('%')) return undefined;
  const { '*': tail = '', ...params } = request.params as Record<string, string | undefined>;
  const [name, ...others] = Object.keys(params);
  if (name === undefined) return hookIdBelowMount(`/${tail}`);

  if (others.length > 0 || name !== 'hookId') {
    throw new HookshakeError(
      'mount_ambiguous',
      'The prefix has parameters other than :hookId, so all its tenants would share one hook. Pass the option hookId',
    );
  }
  return tail === '' ? hookIdInPath(params[name] ?? '') : undefined;
}
