import type { Owner } from '../api/create-accounts.js';
import type { Resource } from '../world/create-world.js';
import type { Outbox } from './create-outbox.js';
import type { Webhook } from './webhook.js';

/** A webhook, with what waits to be delivered to it. */
interface Subscription {
  readonly webhook: Webhook;
  readonly outbox: Outbox;
}

export interface Limits {
  readonly webhooksPerResource: number;
  readonly webhooksPerUserAndApp: number;
}

/** Who wants a webhook for what, sent where. */
export interface Claim {
  readonly owner: Owner;
  readonly resource: Resource;
  readonly target: string;
}

/** All webhooks, found by gid, by resource and by owner; never by going through all of them. */
export interface Registry {
  /**
   * Holds a webhook's place while its handshake is under way, so that of two equal creations at once only
   * one goes on, and no limit is passed.
   */
  claim(claim: Claim): 'claimed' | 'duplicate' | 'resource_full' | 'owner_full';
  /** Gives a place back. */
  release(claim: Claim): void;
  /** Adds a webhook whose place is claimed. */
  add(subscription: Subscription): void;
  /** Removes a webhook, and gives its place back. */
  remove(webhook: Webhook): void;
  find(gid: string): Subscription | undefined;
  listeningTo(resourceGid: string): Iterable<Subscription>;
  ownedBy(owner: Owner): Iterable<Subscription>;
  all(): Iterable<Subscription>;
}

export function createRegistry(limits: Limits): Registry {
  const byGid = new Map<string, Subscription>();
  const byResource = new Map<string, Set<Subscription>>();
  const byOwner = new Map<string, Set<Subscription>>();
  // Keys of user, resource and target; counts of places per resource and per owner.
  const claimed = new Set<string>();
  const places = new Map<string, number>();

  function claim({
    owner,
    resource,
    target,
  }: Claim): 'claimed' | 'duplicate' | 'resource_full' | 'owner_full' {
    const key = claimKey({ owner, resource, target });
    if (claimed.has(key)) return 'duplicate';
    if (taken(resource.gid) >= limits.webhooksPerResource) return 'resource_full';
    if (taken(ownerKey(owner)) >= limits.webhooksPerUserAndApp) return 'owner_full';
    claimed.add(key);
    places.set(resource.gid, taken(resource.gid) + 1);
    places.set(ownerKey(owner), taken(ownerKey(owner)) + 1);
    return 'claimed';
  }

  function release({ owner, resource, target }: Claim): void {
    if (!claimed.delete(claimKey({ owner, resource, target }))) return;
    places.set(resource.gid, taken(resource.gid) - 1);
    places.set(ownerKey(owner), taken(ownerKey(owner)) - 1);
  }

  function taken(key: string): number {
    return places.get(key) ?? 0;
  }

  function add(subscription: Subscription): void {
    const { gid, resource, owner } = subscription.webhook;
    byGid.set(gid, subscription);
    addTo(byResource, resource.gid, subscription);
    addTo(byOwner, ownerKey(owner), subscription);
  }

  function remove(webhook: Webhook): void {
    const subscription = byGid.get(webhook.gid);
    if (subscription === undefined) return;
    byGid.delete(webhook.gid);
    byResource.get(webhook.resource.gid)?.delete(subscription);
    byOwner.get(ownerKey(webhook.owner))?.delete(subscription);
    release(webhook);
    subscription.outbox.close();
  }

  return {
    claim,
    release,
    add,
    remove,
    find: (gid) => byGid.get(gid),
    listeningTo: (resourceGid) => byResource.get(resourceGid) ?? [],
    ownedBy: (owner) => byOwner.get(ownerKey(owner)) ?? [],
    all: () => byGid.values(),
  };
}

function addTo(index: Map<string, Set<Subscription>>, key: string, subscription: Subscription): void {
  const members = index.get(key) ?? new Set();
  index.set(key, members.add(subscription));
}

function ownerKey({ user, app }: Owner): string {
  return JSON.stringify([user, app]);
}

/** Asana refuses a second webhook of one user on one resource and target, whichever app makes it. */
function claimKey({ owner, resource, target }: Claim): string {
  return JSON.stringify([owner.user, resource.gid, target]);
}
