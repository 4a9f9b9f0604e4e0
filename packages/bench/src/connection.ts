import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { MOUNT } from './contenders.js';

/** What is sent: a hook below the mount (`''` is the mount itself), a signature, a body. */
export interface Post {
  readonly hook: string;
  readonly signature: string;
  readonly body: Uint8Array;
}

/** A keep-alive connection that sends one request after the other, as bare as can be: the load must not be the limit. */
export interface Connection {
  /** The status of the answer. */
  send(post: Post): Promise<number>;
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
    send: (post) =>
      new Promise((resolve, reject) => {
        answered = resolve;
        failed = reject;
        socket.write(requestOf(post, post.body.length));
      }),
    close() {
      failed = undefined;
      socket.destroy();
    },
  };
}

/** A socket that announces a body, sends half of it and falls silent. Its end is the server's decision. */
export async function openStalled(port: number, post: Post): Promise<Socket> {
  const socket = await openSocket(port);
  // Whatever is answered is read, so that a close by the server shows.
  socket.resume();
  socket.write(requestOf(post, post.body.length * 2));
  return socket;
}

async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  // A reset is one of the ends that a connection may have here.
  socket.on('error', () => {});
  return socket;
}

function requestOf({ hook, signature, body }: Post, announcedBytes: number): Buffer {
  const head = [
    `POST ${MOUNT}${hook} HTTP/1.1`,
    'host: 127.0.0.1',
    'content-type: application/json',
    `x-hook-signature: ${signature}`,
    `content-length: ${announcedBytes}`,
    '\r\n',
  ];
  return Buffer.concat([Buffer.from(head.join('\r\n')), body]);
}
