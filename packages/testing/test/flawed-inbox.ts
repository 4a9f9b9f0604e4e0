import { setImmediate } from 'node:timers';
import { setTimeout } from 'node:timers/promises';
import {
  backoffDelay,
  type FailedEvent,
  HookshakeError,
  type Inbox,
  type InboxEvent,
  type InboxWork,
  LANE_HOLD_MS,
  MAX_CRASHES,
  type Page,
  type PageOptions,
  type ParkedDelivery,
  type RawDelivery,
  SEEN_MS,
  WORKER_DIED,
} from '@hookshake/core';
import type { InboxSetup } from '../src/inbox-battery.js';

interface Queued {
  readonly event: InboxEvent;
  failures: number;
  failingSince: number | undefined;
  crashes: number;
  dueAt: number;
  holder: Worker | undefined;
}

interface Worker {
  readonly work: InboxWork;
  readonly handle: object;
  readonly running: Map<Queued, AbortController>;
  readonly tries: Set<Promise<void>>;
  stopping: boolean;
}

type Failed = FailedEvent & { readonly event: InboxEvent; readonly failures: number };
type Parked = ParkedDelivery & { readonly raw: RawDelivery };

/** The decisions of a plain inbox, each of which a flaw replaces by a wrong one. */
const sound = {
  keep: (delivery: RawDelivery): RawDelivery => delivery,
  take: (events: readonly InboxEvent[]): readonly InboxEvent[] => events,
  isFull: (waiting: number, bound: number): boolean => waiting >= bound,
  seenAs: ({ hookId, key }: InboxEvent): string => `${hookId}\n${key}`,
  isSeen: (since: number | undefined, now: number): boolean => since !== undefined && now < since + SEEN_MS,
  seenWhen: (): 'queued' | 'handled' => 'queued',
  tells: (_duplicate: InboxEvent): boolean => true,
  parks: (): boolean => true,
  laneOf: ({ hookId, lane }: InboxEvent): string => `${hookId}\n${lane}`,
  mayBegin: (_one: Queued, before: readonly Queued[]): boolean => before.length === 0,
  pick: (due: readonly Queued[]): Queued | undefined => due[0],
  hasRoom: (worker: Worker): boolean => !worker.stopping && worker.running.size < worker.work.concurrency,
  isHeld: (one: Queued, _by: Worker): boolean => one.holder !== undefined,
  attempt: ({ failures }: Queued): number => failures + 1,
  delay: (backoffMs: number, failures: number): number => backoffDelay(backoffMs, failures),
  isLast: ({ failures }: Queued, attempts: number): boolean => failures >= attempts,
  holdsLaneUntil: (since: number): number => since + LANE_HOLD_MS,
  repeats: (_one: Queued, _all: readonly InboxEvent[]): readonly InboxEvent[] => [],
  drops: (_failed: Queued): boolean => false,
  reason: (described: string, _error: unknown): string => described,
  waitMs: (withinMs: number): number => withinMs,
  aborts: (): boolean => true,
  releases: (_one: Queued): void => {},
  lateEnd: (_one: Queued): 'counts' | 'is void' => 'is void',
  crashed: (one: Queued): void => void one.crashes++,
  survives: (_crashed: Queued): boolean => true,
  isDeadly: ({ crashes }: Queued): boolean => crashes >= MAX_CRASHES,
  anew: (_failed: Failed): number => 0,
  retriesSeen: (): boolean => true,
  leavesSeen: (_discarded: Failed): boolean => true,
  isOf: (name: string, hookId: string): boolean => name === hookId,
  buries: (isHeld: boolean): boolean => isHeld,
  forgets: (_what: 'waiting' | 'failed' | 'parked' | 'seen'): boolean => true,
  sort: <Item>(items: readonly Item[]): readonly Item[] => items,
  takesLimit: (limit: number): boolean => Number.isInteger(limit) && limit >= 1 && limit <= 100,
  takesAfter: (after: string): boolean => /^\d+$/.test(after),
  pageFrom: (ids: readonly string[], after: string): number =>
    ids.filter((id) => Number(id) <= Number(after)).length,
  nextOf: (last: string, _end: number): string => last,
  most: (limit: number): number => limit,
  oldest: (dueAts: readonly number[], now: number): readonly number[] => dueAts.filter((at) => at <= now),
};

/** What a flaw may decide otherwise. */
export type Decisions = typeof sound;

/** An inbox on a clock of its own, with two handles; sound but for the decisions that the flaw takes otherwise. */
export function createFlawedInbox(flaw: Partial<Decisions>, bound = 100_000): InboxSetup {
  const rules: Decisions = { ...sound, ...flaw };
  const seen = new Map<string, number>();
  const splits = new Map<string, readonly InboxEvent[]>();
  const workers = new Set<Worker>();
  let deliveries: { raw: RawDelivery; since: number }[] = [];
  let queue: Queued[] = [];
  let failed: Failed[] = [];
  let parked: Parked[] = [];
  let lastId = 0;
  let now = 0;

  const enqueue = (event: InboxEvent, failures = 0): void =>
    void queue.push({ event, failures, failingSince: undefined, crashes: 0, dueAt: now, holder: undefined });
  const remove = (one: Queued): void => {
    queue = queue.filter((other) => other !== one);
  };
  const soon = (): void => void setImmediate(pump);

  function pump(): void {
    for (const worker of workers) {
      while (rules.hasRoom(worker)) {
        const one = take(worker);
        if (one === undefined) break;
        begin(worker, one);
      }
    }
  }

  function take(worker: Worker): Queued | undefined {
    const { work } = worker;
    for (;;) {
      const lanes = new Map<string, Queued[]>();
      const due = queue.filter((one) => {
        const lane = rules.laneOf(one.event);
        const before = lanes.get(lane) ?? [];
        const may = !rules.isHeld(one, worker) && one.dueAt <= now && rules.mayBegin(one, before);
        lanes.set(lane, [...before, one]);
        return may;
      });
      const one = rules.pick(due);
      if (one !== undefined && rules.isDeadly(one)) giveUp(work, one, undefined);
      else if (one !== undefined) return one;
      else if (!split(work)) return undefined;
    }
  }

  function split(work: InboxWork): boolean {
    const raw = deliveries.shift()?.raw;
    if (raw === undefined) return false;
    const events = work.split(raw);
    if (events === undefined) {
      const { hookId, receivedAtMs, body } = raw;
      const receivedAt = new Date(receivedAtMs);
      if (rules.parks()) parked.push({ id: String(++lastId), hookId, receivedAt, body, raw });
      return true;
    }
    splits.set(raw.id, events);
    for (const event of rules.take(events)) {
      const isSeen = rules.isSeen(seen.get(rules.seenAs(event)), now);
      if (!isSeen) enqueue(event);
      else if (rules.tells(event)) work.duplicate(event);
      if (!isSeen && rules.seenWhen() === 'queued') seen.set(rules.seenAs(event), now);
    }
    return true;
  }

  function begin(worker: Worker, one: Queued): void {
    const controller = new AbortController();
    one.holder = worker;
    worker.running.set(one, controller);
    const over = worker.work
      .handle(one.event, { attempt: rules.attempt(one), signal: controller.signal })
      .then(
        () => end(worker, one, () => remove(one)),
        (error: unknown) => end(worker, one, () => fail(worker.work, one, error)),
      );
    worker.tries.add(over);
    void over.then(() => worker.tries.delete(over));
  }

  function end(worker: Worker, one: Queued, settle: () => void): void {
    const held = worker.running.delete(one);
    if (!held && rules.lateEnd(one) === 'is void') return;
    one.holder = undefined;
    seen.set(rules.seenAs(one.event), seen.get(rules.seenAs(one.event)) ?? now);
    settle();
    soon();
  }

  function fail(work: InboxWork, one: Queued, error: unknown): void {
    one.failures++;
    one.failingSince ??= now;
    for (const event of rules.repeats(one, splits.get(one.event.deliveryId) ?? [])) enqueue(event);
    const moveOnAt = rules.holdsLaneUntil(one.failingSince);
    if (rules.drops(one)) remove(one);
    else if (rules.isLast(one, work.attempts) || now >= moveOnAt) giveUp(work, one, error);
    else one.dueAt = Math.min(now + rules.delay(work.backoffMs, one.failures), moveOnAt);
  }

  function giveUp(work: InboxWork, one: Queued, error: unknown): void {
    if (!rules.buries(queue.includes(one))) return;
    const { event, failures } = one;
    const { hookId, key, name, json } = event;
    const reason = rules.reason(error === undefined ? WORKER_DIED : work.describe(error), error);
    const kept = { hookId, key, name, json, attempts: failures, failedAt: new Date(now), reason };
    remove(one);
    failed.push({ ...kept, id: String(++lastId), event, failures });
    work.gaveUp(event, failures, error);
  }

  async function stop(worker: Worker, withinMs: number): Promise<void> {
    worker.stopping = true;
    const timeUp = setTimeout(rules.waitMs(withinMs), undefined, { ref: false });
    await Promise.race([Promise.all(worker.tries), timeUp]);
    workers.delete(worker);
    for (const [one, controller] of worker.running) {
      one.holder = undefined;
      one.dueAt = now;
      rules.releases(one);
      worker.running.delete(one);
      if (rules.aborts()) controller.abort();
    }
    soon();
  }

  function page<Item extends { readonly id: string }>(
    all: readonly Item[],
    { limit = 100, after }: PageOptions = {},
  ): Page<Item> {
    if (!rules.takesLimit(limit) || !rules.takesAfter(after ?? '0')) {
      throw new HookshakeError('invalid_option', 'no such page');
    }
    const items = rules.sort(all);
    const ids = items.map(({ id }) => id);
    const start = after === undefined ? 0 : rules.pageFrom(ids, after);
    const stop = start + rules.most(limit);
    const found = items.slice(start, stop);
    return { items: found, next: stop < items.length ? rules.nextOf(ids[stop - 1] ?? '', stop) : undefined };
  }

  function open(): Inbox {
    const inbox: Inbox = {
      durability: 'power',
      ordered: true,

      async append(delivery) {
        if (rules.isFull(deliveries.length + queue.length, bound))
          throw new HookshakeError('inbox_full', 'full');
        deliveries.push({ raw: rules.keep(delivery), since: now });
        soon();
      },

      async consume(work) {
        const worker = {
          work,
          handle: inbox,
          running: new Map<Queued, AbortController>(),
          tries: new Set<Promise<void>>(),
          stopping: false,
        };
        workers.add(worker);
        soon();
        return { stop: (withinMs) => stop(worker, withinMs) };
      },

      async failed(options) {
        const { items, next } = page(failed, options);
        return { items: items.map(({ event: _event, failures: _failures, ...item }) => item), next };
      },

      async parked(options) {
        const { items, next } = page(parked, options);
        return { items: items.map(({ raw: _raw, ...item }) => item), next };
      },

      async retry(id) {
        for (const one of failed.filter((item) => item.id === id)) {
          if (rules.retriesSeen()) enqueue(one.event, rules.anew(one));
        }
        for (const { raw } of parked.filter((item) => item.id === id)) deliveries.push({ raw, since: now });
        failed = failed.filter((item) => item.id !== id);
        parked = parked.filter((item) => item.id !== id);
        soon();
      },

      async discard(id) {
        for (const one of failed.filter((item) => item.id === id)) {
          if (!rules.leavesSeen(one)) seen.delete(rules.seenAs(one.event));
        }
        failed = failed.filter((item) => item.id !== id);
        parked = parked.filter((item) => item.id !== id);
      },

      async forget(hookId) {
        const stays = (name: string): boolean => !rules.isOf(name, hookId);
        if (rules.forgets('waiting')) {
          deliveries = deliveries.filter(({ raw }) => stays(raw.hookId));
          queue = queue.filter(({ event }) => stays(event.hookId));
        }
        if (rules.forgets('failed')) failed = failed.filter((one) => stays(one.hookId));
        if (rules.forgets('parked')) parked = parked.filter((one) => stays(one.hookId));
        for (const key of seen.keys()) {
          if (rules.forgets('seen') && !stays(key.split('\n')[0] ?? '')) seen.delete(key);
        }
      },

      async stats() {
        const running = queue.filter(({ holder }) => holder !== undefined).length;
        const waiting = queue.filter(({ holder }) => holder === undefined);
        const since = [...deliveries.map((one) => one.since), ...waiting.map(({ dueAt }) => dueAt)];
        return {
          waiting: deliveries.length + waiting.length,
          running,
          failed: failed.length,
          parked: parked.length,
          oldestAgeMs: Math.max(0, now - Math.min(now, ...rules.oldest(since, now))),
        };
      },
    };
    return inbox;
  }

  let alive = open();
  return {
    inbox: alive,
    second: open(),
    advance(ms) {
      now += ms;
      pump();
    },
    crash() {
      for (const worker of workers) {
        if (worker.handle !== alive) continue;
        workers.delete(worker);
        for (const one of worker.running.keys()) {
          one.holder = undefined;
          rules.crashed(one);
          if (!rules.survives(one)) remove(one);
        }
        worker.running.clear();
      }
      alive = open();
      return alive;
    },
  };
}
