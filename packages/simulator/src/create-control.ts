import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NewToken } from './api/create-accounts.js';
import type { Fault } from './create-faults.js';
import type { Part } from './create-listener.js';
import type { Simulator } from './create-simulator.js';
import type { Forgery } from './delivery/send-forgery.js';
import { matchRoute, type Route } from './match-route.js';
import { readBody } from './read-body.js';
import { isSimulatorError, SimulatorError } from './simulator-error.js';
import type { Change } from './world/apply-change.js';
import type { NewResource } from './world/create-world.js';

export const CONTROL_PATH = '/control';

type Controlled = Omit<Simulator, 'listen' | 'close'>;

interface ControlRoute extends Route {
  answer(simulator: Controlled, given: Given): Promise<object>;
}

interface Given {
  /** What the path names. */
  readonly gid: string;
  readonly query: URLSearchParams;
  /** Whatever JSON came; the simulator itself rejects what it does not know. */
  readonly body: object;
}

/** The library's calls, one route each, for tests in other languages and for curl. */
const routes: readonly ControlRoute[] = [
  {
    method: 'POST',
    path: /^\/tokens$/,
    answer: async (simulator, { body }) => ({ token: simulator.token(body as NewToken) }),
  },
  {
    method: 'POST',
    path: /^\/resources$/,
    answer: async (simulator, { body }) => ({ gid: simulator.resource(body as NewResource) }),
  },
  {
    method: 'POST',
    path: /^\/resources\/([^/]+)\/changes$/,
    answer: async (simulator, { gid, body }) => ({ events: simulator.change(gid, body as Change) }),
  },
  {
    method: 'POST',
    path: /^\/flush$/,
    async answer(simulator) {
      await simulator.flush();
      return { now: simulator.now().toISOString() };
    },
  },
  {
    method: 'POST',
    path: /^\/advance$/,
    async answer(simulator, { body }) {
      await simulator.advance('ms' in body ? (body.ms as number) : Number.NaN);
      return { now: simulator.now().toISOString() };
    },
  },
  {
    method: 'GET',
    path: /^\/deliveries$/,
    answer: async (simulator, { query }) => ({
      deliveries: simulator.deliveries(query.get('webhook') ?? undefined),
    }),
  },
  {
    method: 'POST',
    path: /^\/faults$/,
    async answer(simulator, { body }) {
      simulator.inject(body as Fault);
      return {};
    },
  },
  {
    method: 'POST',
    path: /^\/forgeries$/,
    answer: async (simulator, { body }) => ({ answer: await simulator.forge(body as Forgery) }),
  },
];

const MAX_BODY_BYTES = 1024 * 1024;

/** The routes under `/control`. They need no token, so only programs on this machine may call them. */
export function createControl(simulator: Controlled): Part {
  async function serve(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const [status, body] = await answerCall(request, url).catch(answerMistake);
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(`${JSON.stringify(body, null, 2)}\n`);
  }

  async function answerCall(request: IncomingMessage, url: URL): Promise<[number, object]> {
    const path = url.pathname.slice(CONTROL_PATH.length);
    const match = matchRoute(routes, request.method, path);
    if (match === undefined) return [404, { error: 'no_route', routes: routes.map(describeRoute) }];
    const body = parseBody(await readBody(request, MAX_BODY_BYTES));
    return [200, await match.route.answer(simulator, { gid: match.named, query: url.searchParams, body })];
  }

  return serve;
}

/** Any content type will do: curl sends a form's unless told. */
function parseBody(text: string | undefined): object {
  if (text === '') return {};
  try {
    const body: unknown = JSON.parse(text ?? '');
    if (typeof body === 'object' && body !== null) return body;
  } catch {
    // Told below, together with JSON that is no object.
  }
  throw new SimulatorError('invalid_option', 'The body must be a JSON object of less than a megabyte.');
}

function answerMistake(error: unknown): [number, object] {
  if (!isSimulatorError(error)) throw error;
  return [400, { error: error.code, message: error.message }];
}

function describeRoute({ method, path }: Route): string {
  const readable = path.source.replaceAll('\\/', '/').replace('([^/]+)', '{gid}').replace(/[\^$]/g, '');
  return `${method} ${CONTROL_PATH}${readable}`;
}
