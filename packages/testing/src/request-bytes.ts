type Bytes = string | Uint8Array;

/** A request to be sent as raw bytes. */
export interface RequestParts {
  /** @defaultValue `'POST'` */
  readonly method?: string | undefined;
  readonly path: string;
  /** Header lines, names and values as given; a list of values becomes a line each. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** The body, with a `Content-Length`; or its chunks, with `Transfer-Encoding: chunked`. None unless given. */
  readonly body?: Bytes | readonly Bytes[] | undefined;
}

/**
 * The bytes of a request. Header text is Latin-1, one byte for each character. A `Content-Length` or
 * `Transfer-Encoding` of your own is sent instead of the right one.
 */
export function requestBytes({ method = 'POST', path, headers = {}, body }: RequestParts): Buffer {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1'];
  for (const [name, value] of Object.entries(headers)) {
    for (const one of typeof value === 'string' ? [value] : value) lines.push(`${name}: ${one}`);
  }
  const isFramed = Object.keys(headers).some((name) => /^(?:content-length|transfer-encoding)$/i.test(name));
  const chunks = typeof body === 'object' && !(body instanceof Uint8Array) ? body.map(toBuffer) : undefined;
  const whole = chunks === undefined ? toBuffer(body as Bytes | undefined) : Buffer.concat(chunks.map(chunk));
  if (chunks !== undefined && !isFramed) lines.push('Transfer-Encoding: chunked');
  if (chunks === undefined && body !== undefined && !isFramed) lines.push(`Content-Length: ${whole.length}`);
  const last = chunks === undefined ? '' : '0\r\n\r\n';
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), whole, Buffer.from(last)]);
}

/** One chunk of a body that is sent with `Transfer-Encoding: chunked`. */
export function chunk(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}

function toBuffer(bytes: Bytes | undefined): Buffer {
  return bytes === undefined ? Buffer.alloc(0) : Buffer.from(bytes as Uint8Array);
}
