import { createHash } from 'node:crypto';
import type { Client } from './connection.js';

/** A Lua script, which Redis runs in one atomic step. */
export type Script = (
  client: Client,
  keys: readonly string[],
  args: readonly (string | number)[],
) => Promise<unknown>;

/** Makes a script that is sent by its hash, and in full where the server does not know it yet, after a restart perhaps. */
export function createScript(lua: string): Script {
  const sha = createHash('sha1').update(lua).digest('hex');
  return async function run(client, keys, args) {
    try {
      return await client.evalsha(sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return client.eval(lua, keys.length, ...keys, ...args);
    }
  };
}
