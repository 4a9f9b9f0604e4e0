import type { SecretStore, StoredSecret } from '@hookshake/core';

/** A store that remembers for which hooks windows were opened, so that tests can see what is left of them. */
export interface WatchedStore extends SecretStore {
  readonly opened: Set<string>;
  /** The secrets of all hooks for which a window was opened. */
  left(): Promise<readonly StoredSecret[]>;
  /** The hooks whose window is open now. */
  openWindows(): Promise<readonly string[]>;
}

export function watchStore(store: SecretStore): WatchedStore {
  const opened = new Set<string>();
  return {
    ...store,
    opened,
    open(hookId, window) {
      opened.add(hookId);
      return store.open(hookId, window);
    },
    async left() {
      return (await Promise.all([...opened].map((hookId) => store.find(hookId)))).flat();
    },
    async openWindows() {
      const stillOpen: string[] = [];
      for (const hookId of opened) {
        const windowId = await store.open(hookId, { withinMs: 1_000, confirm: true });
        if (windowId === undefined) stillOpen.push(hookId);
        else await store.settle(hookId, windowId, null);
      }
      return stillOpen;
    },
  };
}
