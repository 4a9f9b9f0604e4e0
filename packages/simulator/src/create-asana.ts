import { type Accounts, createAccounts } from './api/create-accounts.js';
import { createFaults, type Faults } from './create-faults.js';
import { createRandom, type Random } from './create-random.js';
import { createTimeline, type Timeline } from './create-timeline.js';
import { createDeliveryLog, type DeliveryLog } from './delivery/create-delivery-log.js';
import { createPoster, type Poster } from './delivery/create-poster.js';
import type { Knobs } from './resolve-options.js';
import { createRegistry, type Registry } from './webhooks/create-registry.js';
import { createWorld, type World } from './world/create-world.js';

/** All that the simulated Asana consists of. */
export interface Asana {
  readonly knobs: Knobs;
  /** Draws for what happens in the order of calls: gids, secrets, tokens. */
  readonly random: Random;
  readonly timeline: Timeline;
  readonly accounts: Accounts;
  readonly world: World;
  readonly registry: Registry;
  readonly faults: Faults;
  readonly poster: Poster;
  readonly log: DeliveryLog;
}

const MOVED_CLOCK_START = Date.UTC(2026, 0, 5, 9);

export function createAsana(knobs: Knobs): Asana {
  const random = createRandom(knobs.seed);
  const startAt = knobs.startAt?.getTime() ?? (knobs.clock === 'moved' ? MOVED_CLOCK_START : Date.now());
  const timeline = createTimeline({ startAt, clock: knobs.clock });
  return {
    knobs,
    random,
    timeline,
    accounts: createAccounts({
      random: random.fork('accounts'),
      requestsPerMinute: knobs.requestsPerMinute,
      now: timeline.now,
    }),
    world: createWorld(random.fork('world')),
    registry: createRegistry(knobs),
    faults: createFaults(),
    poster: createPoster(knobs),
    log: createDeliveryLog({ keep: knobs.keepDeliveries, onDelivery: knobs.onDelivery }),
  };
}
