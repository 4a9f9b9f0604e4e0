import { HookshakeError } from './hookshake-error.js';

/**
 * All bodies of this process that nobody has verified yet may take this much memory together: one bound for the process,
 * since it has one memory, however many receivers it holds.
 */
const MAX_UNVERIFIED_BYTES = 64 * 1024 * 1024;

let unverifiedBytes = 0;

/** The chunks of one body while it arrives. */
export interface ArrivingBody {
  /** Throws `body_too_large` or `overloaded` instead of keeping a chunk that is too much. */
  add(chunk: Uint8Array): void;
  /** The whole body, which from now on counts as verified: call it when the last byte is in. */
  whole(): Uint8Array;
  /** Lets go of the chunks. */
  drop(): void;
}

/** Collects a body's bytes, with a bound on this one and on all of them. */
export function receiveBody(maxBytes: number): ArrivingBody {
  let chunks: Uint8Array[] = [];
  let length = 0;

  function drop(): void {
    unverifiedBytes -= length;
    length = 0;
    chunks = [];
  }

  return {
    add(chunk) {
      if (length + chunk.length > maxBytes) {
        throw new HookshakeError('body_too_large', `The body is over ${maxBytes} bytes`);
      }
      if (unverifiedBytes + chunk.length > MAX_UNVERIFIED_BYTES) {
        throw new HookshakeError('overloaded', 'The bodies that are arriving take too much memory');
      }
      unverifiedBytes += chunk.length;
      length += chunk.length;
      chunks.push(chunk);
    },

    whole() {
      const [only] = chunks;
      const body = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, length);
      drop();
      return body;
    },

    drop,
  };
}
