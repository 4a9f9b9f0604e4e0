/**
 * Seeded randomness. One stream per purpose (`fork`), so that what one webhook draws never depends on how
 * fast another one's receiver answered: only then does a seed reproduce a run.
 *
 * The secrets it makes are for tests: whoever knows the seed knows them.
 */
export interface Random {
  /** A whole number from 0 up to, but not including, `bound`. */
  below(bound: number): number;
  pick<T>(choices: readonly [T, ...T[]]): T;
  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[];
  /** Lower-case hex digits. */
  hex(digits: number): string;
  /** A gid in Asana's form: decimal digits, no leading zero. */
  gid(): string;
  /** A stream of its own, fixed by this stream's seed and the label. */
  fork(label: string): Random;
}

export function createRandom(seed: string | number): Random {
  let state = hash(String(seed));

  // mulberry32: small, fast, and good enough for shuffles.
  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  function below(bound: number): number {
    return Math.floor(next() * bound);
  }

  function pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[below(choices.length)] ?? choices[0];
  }

  function shuffle<T>(items: readonly T[]): T[] {
    const rest = [...items];
    const shuffled: T[] = [];
    while (rest.length > 0) shuffled.push(...rest.splice(below(rest.length), 1));
    return shuffled;
  }

  function hex(digits: number): string {
    return Array.from({ length: digits }, () => below(16).toString(16)).join('');
  }

  function gid(): string {
    return `12${Array.from({ length: 14 }, () => below(10)).join('')}`;
  }

  return { below, pick, shuffle, hex, gid, fork: (label) => createRandom(`${seed}/${label}`) };
}

// FNV-1a, 32 bits.
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value;
}
