import { closed, openStalled } from './connection.js';

/** Opens connections that send a part of a request and fall silent; tells how many seconds the last one lived. */
export async function stall(port: number, connections: number, partOfRequest: Buffer): Promise<number> {
  const goneAfterSeconds = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = await openStalled(port, partOfRequest);
      const since = performance.now();
      await closed(socket);
      return (performance.now() - since) / 1000;
    }),
  );
  return Math.max(...goneAfterSeconds);
}
