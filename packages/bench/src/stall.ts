import { closed, openStalled } from './connection.js';

/** Connections that have sent a part of a request and fallen silent. */
export interface Stalls {
  /** How many seconds the last one of them lived. */
  readonly goneAfterSeconds: Promise<number>;
}

/** Opens stalled connections; resolves when all of them stand. */
export async function stall(port: number, connections: number, partOfRequest: Buffer): Promise<Stalls> {
  const opened = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = await openStalled(port, partOfRequest);
      return { gone: closed(socket), since: performance.now() };
    }),
  );
  const lives = opened.map(async ({ gone, since }) => {
    await gone;
    return (performance.now() - since) / 1000;
  });
  return { goneAfterSeconds: Promise.all(lives).then((seconds) => Math.max(...seconds)) };
}
