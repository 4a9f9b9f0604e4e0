import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NewToken } from './api/create-accounts.js';
import { API_PATH, createApi } from './api/create-api.js';
import { createAsana } from './create-asana.js';
import { createControl } from './create-control.js';
import type { Fault } from './create-faults.js';
import { createListener } from './create-listener.js';
import type { Delivery } from './delivery/create-delivery-log.js';
import type { Answer } from './delivery/create-poster.js';
import { type Forgery, sendForgery } from './delivery/send-forgery.js';
import { resolveOptions } from './resolve-options.js';
import { SimulatorError } from './simulator-error.js';
import type { SimulatorOptions } from './simulator-options.js';
import { spread } from './webhooks/spread.js';
import { applyChange, type Change } from './world/apply-change.js';
import type { NewResource } from './world/create-world.js';

/** A simulated Asana. */
export interface Simulator {
  /** `http://127.0.0.1:PORT`. @throws SimulatorError `not_listening` */
  readonly url: string;
  /** Where the API stands: `url` and `/api/1.0`. @throws SimulatorError `not_listening` */
  readonly apiUrl: string;
  /** Gid of the workspace that all is in unless told otherwise. */
  readonly workspace: string;
  /** Gid of the user behind tokens and changes that name no other. */
  readonly user: string;
  /** Serves the API on 127.0.0.1; port 0 takes a free one. */
  listen(port: number): Promise<void>;
  /** A new bearer token, good for everything unless told otherwise. */
  token(token?: NewToken): string;
  /** Adds to the world, without an event; `change(gid, { action: 'added' })` tells of it. Returns its gid. */
  resource(resource: NewResource): string;
  /** Something happened: its events are queued for the webhooks that hear of them. Returns how many events. */
  change(gid: string, change?: Change): number;
  /** Resolves once all that is queued and due was attempted. */
  flush(): Promise<void>;
  /** Moves the clock by so many milliseconds; what falls due on the way happens, in order. */
  advance(ms: number): Promise<void>;
  /** The simulated time. */
  now(): Date;
  /** What was sent, oldest first: all of it, or to one webhook. */
  deliveries(webhook?: string): readonly Delivery[];
  /** Makes something go wrong the next time it can. */
  inject(fault: Fault): void;
  /** Sends what a stranger could send, and gives the target's answer. */
  forge(forgery: Forgery): Promise<Answer>;
  /** Cuts what is in flight, and closes the server. */
  close(): Promise<void>;
}

/**
 * Asana's side of webhooks, for development and tests.
 *
 * @example
 * const simulator = createSimulator({ allowLocalTargets: true, seed: 7 });
 * await simulator.listen(0);
 * const project = simulator.resource({ resource_type: 'project' });
 * const task = simulator.resource({ resource_type: 'task', parent: project });
 * // Create a webhook at simulator.apiUrl with simulator.token(), then:
 * simulator.change(task, { field: 'completed' });
 * await simulator.flush();
 *
 * @throws SimulatorError `unknown_option` or `invalid_option`
 */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const knobs = resolveOptions(options);
  const asana = createAsana(knobs);
  const { world, accounts, timeline, registry, faults, log, poster } = asana;
  async function listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  }

  function findUrl(): string {
    const address = server.address() as AddressInfo | null;
    if (address !== null) return `http://127.0.0.1:${address.port}`;
    throw new SimulatorError('not_listening', 'The simulator has no address yet. Call listen(port) first.');
  }

  function change(gid: string, what: Change = {}): number {
    const happening = applyChange(world.get(gid), what, {
      world,
      random: asana.random,
      now: timeline.now(),
      defaultUser: accounts.defaultUser,
      systemStories: knobs.systemStories,
    });
    spread(happening, registry);
    return happening.events.length;
  }

  async function advance(ms: number): Promise<void> {
    if (Number.isFinite(ms) && ms >= 0) return timeline.advance(ms);
    throw new SimulatorError(
      'invalid_option',
      "The clock moves by 'ms', a number of milliseconds from 0 up.",
    );
  }

  async function close(): Promise<void> {
    timeline.stop();
    poster.close();
    for (const { outbox } of registry.all()) outbox.close();
    if (!server.listening) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  const simulator: Simulator = {
    get url() {
      return findUrl();
    },
    get apiUrl() {
      return `${findUrl()}${API_PATH}`;
    },
    workspace: world.workspace.gid,
    user: accounts.defaultUser,
    listen,
    token: (token = {}) => accounts.addToken(token),
    resource: (resource) => world.add(resource).gid,
    change,
    flush: timeline.flush,
    advance,
    now: () => new Date(timeline.now()),
    deliveries: log.list,
    inject: faults.inject,
    forge: (forgery) => sendForgery(forgery, asana),
    close,
  };
  const server = createServer(createListener(createApi(asana), createControl(simulator)));
  return simulator;
}
