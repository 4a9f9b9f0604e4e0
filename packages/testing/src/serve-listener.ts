import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that listens on a port of its own. */
export interface ListeningServer {
  readonly port: number;
  /** Closes the server and all of its connections. */
  close(): Promise<void>;
}

/** Serves a listener of `node:http`, which an Express app is too, on a free port of 127.0.0.1. */
export async function serveListener(listener: RequestListener): Promise<ListeningServer> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
