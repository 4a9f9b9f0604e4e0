import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { API_PATH } from './api/create-api.js';
import { CONTROL_PATH } from './create-control.js';

/** Answers requests under one path. */
export type Part = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

/** Leads each request to the API or to the controls. */
export function createListener(api: Part, control: Part): RequestListener {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = `http://${request.headers.host ?? '127.0.0.1'}${request.url ?? '/'}`;
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url !== undefined && comesFromAPage(request, url)) {
      response.writeHead(403, { 'content-type': 'application/json' }).end('{"error":"not_for_pages"}\n');
    } else if (url !== undefined && isUnder(url, API_PATH)) await api(request, response, url);
    else if (url !== undefined && isUnder(url, CONTROL_PATH)) await control(request, response, url);
    else
      response.writeHead(404).end(`The API is under ${API_PATH}, the controls are under ${CONTROL_PATH}.\n`);
  }

  return (request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.destroy();
      const hungUp = request.destroyed && !request.complete;
      // Anything else is a mistake in the simulator itself.
      if (!hungUp) process.emitWarning(error instanceof Error ? error : String(error));
    });
  };
}

/** A web page in a browser on this machine can reach 127.0.0.1, also under a name of its own. */
function comesFromAPage(request: IncomingMessage, url: URL): boolean {
  return request.headers.origin !== undefined || !['127.0.0.1', 'localhost'].includes(url.hostname);
}

function isUnder(url: URL, path: string): boolean {
  return url.pathname === path || url.pathname.startsWith(`${path}/`);
}
