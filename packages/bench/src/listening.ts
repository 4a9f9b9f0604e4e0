import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';

/** A load opens all of its connections at once. */
const BACKLOG = 1_024;

/** A server on a free port of this machine. */
export async function listening(listener: RequestListener): Promise<Server> {
  const server = createServer(listener).listen(0, '127.0.0.1', BACKLOG);
  await once(server, 'listening');
  return server;
}
