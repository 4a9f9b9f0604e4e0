import { types } from 'node:util';
import { HookshakeError } from './hookshake-error.js';

/**
 * All bodies of this process that nobody has verified yet may take this much memory together: one bound for the process,
 * since it has one memory, however many receivers it holds.
 */
const MAX_UNVERIFIED_BYTES = 64 * 1024 * 1024;

/** So many small chunks are joined to one: an object each would take much more memory than their bytes. */
const JOINED_CHUNKS = 256;

let unverifiedBytes = 0;

/** The bodies that hold bytes, the oldest first, and whom to tell when one of them has to go. */
const arriving = new Map<ArrivingBody, (error: HookshakeError) => void>();

/** The chunks of one body while it arrives. */
export interface ArrivingBody {
  /** Throws `body_too_large` instead of keeping a chunk that is too much. */
  add(chunk: Uint8Array): void;
  /** The whole body, which from now on counts as verified: call it when the last byte is in. */
  whole(): Uint8Array;
  /** Lets go of the chunks. */
  drop(): void;
}

/**
 * Collects a body's bytes, with a bound on this one and on all of them. When all take too much, the oldest has to go: an
 * honest body is here within moments, and a stranger's slow ones must not keep it out.
 *
 * @param giveUp - Told once, with `overloaded`, if it is this one's turn; it was dropped then.
 */
export function receiveBody(maxBytes: number, giveUp: (error: HookshakeError) => void): ArrivingBody {
  let chunks: Uint8Array[] = [];
  let joined = 0;
  let length = 0;
  const body: ArrivingBody = { add, whole, drop };

  function drop(): void {
    unverifiedBytes -= length;
    length = 0;
    chunks = [];
    joined = 0;
    arriving.delete(body);
  }

  function add(chunk: Uint8Array): void {
    // What a bridge from another kind of stream may give, whatever the types say.
    if (!types.isUint8Array(chunk)) {
      throw new HookshakeError(
        'body_consumed',
        'The body comes as something else than bytes: nobody may decode it before',
      );
    }
    if (length + chunk.length > maxBytes) {
      throw new HookshakeError('body_too_large', `The body is over ${maxBytes} bytes`);
    }
    if (!arriving.has(body)) arriving.set(body, giveUp);
    unverifiedBytes += chunk.length;
    length += chunk.length;
    chunks.push(chunk);
    if (chunks.length - joined >= JOINED_CHUNKS) chunks.push(Buffer.concat(chunks.splice(joined++)));
    makeRoom();
  }

  function whole(): Uint8Array {
    const [only] = chunks;
    const bytes = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, length);
    drop();
    return bytes;
  }

  return body;
}

function makeRoom(): void {
  for (const [oldest, giveUp] of arriving) {
    if (unverifiedBytes <= MAX_UNVERIFIED_BYTES) return;
    oldest.drop();
    giveUp(new HookshakeError('overloaded', 'The bodies that are arriving take too much memory'));
  }
}
