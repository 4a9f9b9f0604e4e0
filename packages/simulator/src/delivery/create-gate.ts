/** Lets so many pieces of work through at a time; the others wait in order. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

export function createGate(width: number): Gate {
  const waiting: (() => void)[] = [];
  let inside = 0;

  async function pass<T>(work: () => Promise<T>): Promise<T> {
    if (inside >= width) await new Promise<void>((enter) => waiting.push(enter));
    else inside += 1;
    try {
      return await work();
    } finally {
      // Whoever waits takes over the place; it is not given back in between.
      const next = waiting.shift();
      if (next === undefined) inside -= 1;
      else next();
    }
  }

  return pass;
}
