import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a port that can be broken. */
export interface BreakableLink {
  readonly port: number;
  /** Cuts it for good, as it is when a process dies without a word. */
  cut(): void;
  /** Nothing more comes through its connections, as when the machine at their end has vanished. New ones are fine. */
  freeze(): void;
}

export async function openLink(target: number): Promise<BreakableLink> {
  const sockets = new Set<Socket>();
  const server = createServer((incoming) => {
    const outgoing = connect(target, '127.0.0.1');
    for (const [socket, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  return {
    port: address.port,
    cut() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
    freeze() {
      for (const socket of sockets) socket.unpipe().pause();
    },
  };
}
