import type { TimeSpan } from './seen-times.js';

const MAX_DELIVERIES = 1_000;
const RING_BYTES = 8 * 1024 * 1024;

/** The bytes of the latest deliveries that succeeded whole. The oldest make room for new ones. */
export interface RecentDeliveries {
  add(hookId: string, span: TimeSpan, body: Uint8Array): void;
  /** Lets go of a hook's deliveries whose times meet the span, and gives their bytes: read them at once. */
  take(hookId: string, span: TimeSpan): readonly Uint8Array[];
}

interface Place {
  readonly hookId: string;
  readonly span: TimeSpan;
  readonly start: number;
  readonly end: number;
}

/**
 * The bytes are copied into one buffer: to keep the buffers they came in would cost more than to parse them, since the
 * garbage collector would carry each of them along and the network would have to fill fresh memory each time.
 */
export function createRecentDeliveries(): RecentDeliveries {
  let ring: Buffer | undefined;
  /** Oldest first, which is also their order in the ring. */
  let places: Place[] = [];
  let next = 0;

  function makeRoom(bytes: number): number {
    if (next + bytes > RING_BYTES) {
      while (isBetween(next, RING_BYTES, places[0])) places.shift();
      next = 0;
    }
    while (places.length >= MAX_DELIVERIES || isBetween(next, next + bytes, places[0])) places.shift();
    return next;
  }

  return {
    add(hookId, span, body) {
      if (body.length > RING_BYTES) return;
      ring ??= Buffer.allocUnsafeSlow(RING_BYTES);
      const start = makeRoom(body.length);
      ring.set(body, start);
      next = start + body.length;
      places.push({ hookId, span, start, end: next });
    },

    take(hookId, { first, last }) {
      const meets = (place: Place) =>
        place.hookId === hookId && place.span.last >= first && place.span.first <= last;
      const taken = places.filter(meets);
      if (taken.length > 0) places = places.filter((place) => !meets(place));
      return taken.map(({ start, end }) => ring?.subarray(start, end) ?? new Uint8Array());
    },
  };
}

function isBetween(from: number, to: number, place: Place | undefined): boolean {
  return place !== undefined && place.start >= from && place.start < to;
}
