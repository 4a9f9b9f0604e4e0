import { HookshakeError } from './hookshake-error.js';
import { type Page, type PageOptions, pageLimit } from './inbox.js';

/** Items by id, oldest first. */
export interface PagedList<Item> {
  readonly size: number;
  add(item: Item): void;
  take(id: string): Item | undefined;
  /** @throws {@link HookshakeError} `invalid_option`. */
  page(options?: PageOptions): Page<Item>;
  drop(hookId: string): void;
}

/** A list whose ids are numbers that grow, so that a page goes on in the right place though the one before is gone. */
export function createPagedList<
  Item extends { readonly id: string; readonly hookId: string },
>(): PagedList<Item> {
  const items = new Map<string, Item>();
  return {
    get size() {
      return items.size;
    },
    add: (item) => void items.set(item.id, item),
    take(id) {
      const item = items.get(id);
      items.delete(id);
      return item;
    },
    page(options = {}) {
      const { after = '0' } = options;
      const limit = pageLimit(options);
      if (!/^\d{1,15}$/.test(after)) {
        throw new HookshakeError('invalid_option', '`after` must be the `next` of the page before');
      }
      const later = [...items.values()].filter(({ id }) => Number(id) > Number(after));
      const found = later.slice(0, limit);
      return { items: found, next: later.length > limit ? found.at(-1)?.id : undefined };
    },
    drop(hookId) {
      for (const item of items.values()) if (item.hookId === hookId) items.delete(item.id);
    },
  };
}
