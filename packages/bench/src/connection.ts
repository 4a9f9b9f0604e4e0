import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A keep-alive connection that sends one request after the other, as bare as can be: the load must not be the limit. */
export interface Connection {
  /** Sends a whole request; tells the status of its answer. */
  send(request: Buffer): Promise<number>;
  close(): void;
}

export async function openConnection(port: number): Promise<Connection> {
  const socket = await openSocket(port);
  let received = '';
  let answered: ((status: number) => void) | undefined;
  let failed: ((error: Error) => void) | undefined;

  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    received += text;
    const head = received.indexOf('\r\n\r\n');
    if (head === -1) return;
    const length = Number(/^content-length: (\d+)$/im.exec(received.slice(0, head))?.[1] ?? 0);
    if (received.length < head + 4 + length) return;
    const status = Number(received.slice(9, 12));
    received = '';
    answered?.(status);
  });
  socket.on('close', () => failed?.(new Error('The server closed a connection that it should have kept')));

  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        answered = resolve;
        failed = reject;
        socket.write(request);
      }),
    close() {
      failed = undefined;
      socket.destroy();
    },
  };
}

/** A socket that sends a part of a request and falls silent. Its end is the server's decision. */
export async function openStalled(port: number, partOfRequest: Buffer): Promise<Socket> {
  const socket = await openSocket(port);
  // Whatever is answered is read, so that a close by the server shows.
  socket.resume();
  socket.write(partOfRequest);
  return socket;
}

/** Resolves when a socket is closed, by whatever: a reset is an end as well. */
export async function closed(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
}

export async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  // A reset is one of the ends that a connection may have here.
  socket.on('error', () => {});
  return socket;
}
