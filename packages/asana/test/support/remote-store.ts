import type { SecretStore } from '@hookshake/core';

/** The store of another process, over a socket. */
export function remoteStore(url: string): SecretStore {
  async function ask<Result>(operation: keyof SecretStore, ...args: unknown[]): Promise<Result> {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify({ operation, args }) });
    const { result } = (await response.json()) as { result: Result };
    return result;
  }
  return {
    find: (hookId) => ask('find', hookId),
    open: (hookId, options) => ask('open', hookId, options),
    accept: (hookId, secret, when) => ask('accept', hookId, secret, when),
    settle: (hookId, windowId, secret, details) => ask('settle', hookId, windowId, secret, details),
    forget: (hookId, which) => ask('forget', hookId, ...(which === undefined ? [] : [which])),
  };
}
