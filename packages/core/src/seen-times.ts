/** From the earliest to the latest `created_at` of a delivery, as Asana writes them: text that sorts by time. */
export interface TimeSpan {
  readonly first: string;
  readonly last: string;
}

const MAX_SPANS = 512;

/** Which times the deliveries of one hook covered: what lies outside of all of them cannot have been delivered before. */
export interface SeenTimes {
  mayHold(span: TimeSpan): boolean;
  add(span: TimeSpan): void;
  /** The latest of them. */
  readonly last: string;
}

/** @param floor - Up to here, everything counts as seen: where the spans were that had to go. */
export function createSeenTimes(floor = ''): SeenTimes {
  /** Apart from each other and in order, the latest last. */
  const spans: TimeSpan[] = [];

  /** How many spans begin no later than this. Deliveries come nearly in order, so it looks from the end. */
  function countUntil(time: string): number {
    let count = spans.length;
    while (count > 0 && (spans[count - 1]?.first ?? '') > time) count--;
    return count;
  }

  return {
    get last() {
      return spans.at(-1)?.last ?? floor;
    },

    mayHold({ first, last }) {
      if (first <= floor) return true;
      const before = spans[countUntil(last) - 1];
      return before !== undefined && before.last >= first;
    },

    add(span) {
      if (span.last <= floor) return;
      const end = countUntil(span.last);
      let start = end;
      let { first, last } = span;
      for (
        let before = spans[start - 1];
        before !== undefined && before.last >= first;
        before = spans[start - 1]
      ) {
        if (before.first < first) first = before.first;
        if (before.last > last) last = before.last;
        start--;
      }
      spans.splice(start, end - start, { first, last });
      if (spans.length > MAX_SPANS) floor = spans.shift()?.last ?? floor;
    },
  };
}

/** The span of a delivery's entries, and whether all of them have a time. */
export function timeSpanOf(entries: readonly unknown[]): {
  readonly span: TimeSpan;
  readonly ofAll: boolean;
} {
  let first = '';
  let last = '';
  let ofAll = true;
  for (const entry of entries) {
    const at = (entry as { created_at?: unknown } | null | undefined)?.created_at;
    if (typeof at !== 'string' || at === '') {
      ofAll = false;
      continue;
    }
    if (first === '') first = at;
    // Most are in order, so that one comparison is enough for them.
    if (at > last) last = at;
    else if (at < first) first = at;
  }
  return { span: { first, last }, ofAll };
}
