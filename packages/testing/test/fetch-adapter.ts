import { getRequestListener } from '@hono/node-server';
import { createFetchHandler } from '@hookshake/core/fetch';
import { type AdapterUnderTest, serveListener } from '@hookshake/testing';

const MOUNT = '/webhooks/asana';

/** `createFetchHandler` behind the server that Hono uses on Node.js. */
export const fetchAdapter: AdapterUnderTest = {
  serve(receiver, { hookId, bodyReadBefore } = {}) {
    const asana = createFetchHandler(receiver, { basePath: MOUNT, hookId });
    const listener = getRequestListener(
      async (request) => {
        const { pathname } = new URL(request.url);
        const isHooks = pathname === MOUNT || pathname.startsWith(`${MOUNT}/`);
        if (!isHooks) return Response.json({ times: 1, body: await request.json() });
        if (bodyReadBefore) await request.arrayBuffer();
        return await asana(request);
      },
      { overrideGlobalObjects: false },
    );
    return serveListener((request, response) => void listener(request, response));
  },
};
