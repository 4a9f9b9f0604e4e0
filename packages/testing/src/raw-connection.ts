import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** How long an answer is waited for, in milliseconds: a server that is silent for longer hangs. */
const PATIENCE_MS = 4_000;

/** An answer as it came over the wire. */
export interface RawResponse {
  readonly status: number;
  /** All header lines in their order, names as sent. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** A header by its lower-case name; several of one name joined by `, `. */
  header(name: string): string | undefined;
  readonly body: Buffer;
}

/** A connection to a server on 127.0.0.1 that sends exactly the bytes it is given. */
export interface RawConnection {
  /** Sends text as Latin-1, one byte for each character. */
  write(...parts: readonly (string | Uint8Array)[]): void;
  /** Sends no more, but still listens. */
  end(): void;
  /** Breaks off. */
  destroy(): void;
  /** Whether the other side has closed the connection or reset it. */
  readonly over: boolean;
  /**
   * The next answer. Rejects if the connection ends before it is complete, or if the server stays silent for 4 seconds.
   *
   * @param method - What was asked: an answer to `HEAD` has no body. @defaultValue `'POST'`
   */
  answer(method?: string): Promise<RawResponse>;
}

/** Connects to a port of 127.0.0.1. */
export async function connectRaw(port: number): Promise<RawConnection> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  let received: Buffer = Buffer.alloc(0);
  let over = false;
  // A reset while we still write is told by the answer, or by its absence.
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
  });
  socket.once('end', () => {
    over = true;
  });
  socket.once('close', () => {
    over = true;
  });

  return {
    write(...parts) {
      for (const part of parts) socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part);
    },
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
    get over() {
      return over;
    },

    async answer(method = 'POST') {
      const patience = AbortSignal.timeout(PATIENCE_MS);
      for (;;) {
        const found = parseResponse(received, over, method === 'HEAD');
        if (found !== undefined) {
          received = received.subarray(found.length);
          return found.response;
        }
        if (over) throw new Error(`The connection ended after ${received.length} bytes of an answer`);
        await activity(socket, patience);
      }
    },
  };
}

/** Sends one request as it is and resolves to the answer; the connection is closed then. */
export async function sendRaw(
  port: number,
  request: string | Uint8Array,
  method?: string,
): Promise<RawResponse> {
  const connection = await connectRaw(port);
  try {
    connection.write(request);
    return await connection.answer(method);
  } finally {
    connection.destroy();
  }
}

async function activity(socket: Socket, patience: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, patience]);
  try {
    // `once` rejects at an 'error' event, which 'close' always follows.
    await Promise.race(
      ['data', 'end', 'close'].map((name) => once(socket, name, { signal }).catch(() => undefined)),
    );
  } finally {
    stop.abort();
  }
  if (patience.aborted) throw new Error(`The server stayed silent for ${PATIENCE_MS} ms`);
}

interface Parsed {
  readonly response: RawResponse;
  readonly length: number;
}

function parseResponse(bytes: Buffer, over: boolean, isHead: boolean): Parsed | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const status = Number(statusLine.split(' ')[1]);
  const start = headEnd + 4;
  if (status < 200) {
    const next = parseResponse(bytes.subarray(start), over, isHead);
    return next && { response: next.response, length: start + next.length };
  }

  const headers = lines.map((line): readonly [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const header = (name: string): string | undefined => {
    const values = headers.filter(([one]) => one.toLowerCase() === name).map(([, value]) => value);
    return values.length === 0 ? undefined : values.join(', ');
  };
  const body = readBody(bytes.subarray(start), header, over, isHead || status === 204);
  return body && { response: { status, headers, header, body: body.bytes }, length: start + body.length };
}

function readBody(
  bytes: Buffer,
  header: (name: string) => string | undefined,
  over: boolean,
  isBodiless: boolean,
): { readonly bytes: Buffer; readonly length: number } | undefined {
  if (isBodiless) return { bytes: Buffer.alloc(0), length: 0 };
  if (header('transfer-encoding') === 'chunked') return readChunks(bytes);
  const announced = header('content-length');
  const length = announced === undefined ? bytes.length : Number(announced);
  const complete = announced === undefined ? over : bytes.length >= length;
  return complete ? { bytes: bytes.subarray(0, length), length } : undefined;
}

function readChunks(bytes: Buffer): { readonly bytes: Buffer; readonly length: number } | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (bytes.length < next) return undefined;
    if (size === 0) return { bytes: Buffer.concat(chunks), length: next };
    chunks.push(bytes.subarray(lineEnd + 2, next - 2));
    at = next;
  }
}
