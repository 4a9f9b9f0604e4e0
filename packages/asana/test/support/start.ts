import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type AsanaEvent,
  createReceiver,
  type HandshakeRule,
  memorySecrets,
  type Receiver,
  type SecretStore,
} from '@hookshake/core';
import { createNodeHandler } from '@hookshake/core/node';
import { createSimulator, type Simulator, type SimulatorOptions } from '@hookshake/simulator';
import { onTestFinished } from 'vitest';
import {
  type AsanaClient,
  type AsanaClientOptions,
  createAsanaClient,
  type Webhook,
} from '../../src/index.js';
import { type WatchedStore, watchStore } from './watch-store.js';

/** Stands in front of the receiver, as a proxy would; `pass` hands the request on and answers with what came back. */
export type Front = (
  request: IncomingMessage,
  response: ServerResponse,
  pass: () => Promise<void>,
) => void | Promise<void>;

export interface StartOptions {
  readonly simulator?: SimulatorOptions;
  readonly client?: Partial<AsanaClientOptions>;
  readonly secrets?: SecretStore;
  readonly handshakes?: HandshakeRule;
}

export interface Started {
  readonly simulator: Simulator;
  readonly client: AsanaClient;
  readonly token: string;
  readonly receiver: Receiver;
  readonly secrets: WatchedStore;
  readonly mountUrl: string;
  readonly project: string;
  readonly task: string;
  /** What reached a handler. */
  readonly handled: AsanaEvent[];
  /** What the receiver logged. */
  readonly logged: string[];
  /** The waiting that the client asked for, in milliseconds; none of it was real. */
  readonly waits: number[];
  /** Calls of Asana's API, such as `POST /api/1.0/webhooks`. */
  readonly calls: string[];
  front: Front | undefined;
  /** All webhooks that exist at Asana. */
  webhooks(): Promise<readonly Webhook[]>;
}

/** Asana, a client of it, and a receiver that it can reach; each one real, all in this process. */
export async function start(options: StartOptions = {}): Promise<Started> {
  const simulator = createSimulator({
    allowLocalTargets: true,
    systemStories: false,
    seed: 7,
    ...options.simulator,
  });
  await simulator.listen(0);
  onTestFinished(() => simulator.close());
  const project = simulator.resource({ resource_type: 'project' });
  const task = simulator.resource({ resource_type: 'task', parent: project });
  const token = simulator.token();
  const waits: number[] = [];
  const calls: string[] = [];
  const client = createAsanaClient({
    token,
    apiUrl: simulator.apiUrl,
    wait: async (ms) => void waits.push(ms),
    fetch: (input, init) => {
      calls.push(`${init?.method} ${new URL(String(input)).pathname}`);
      return fetch(input, init);
    },
    ...options.client,
  });

  const secrets = watchStore(options.secrets ?? memorySecrets());
  const logged: string[] = [];
  const log = (details: object, message: string) => void logged.push(`${JSON.stringify(details)} ${message}`);
  const receiver = createReceiver({
    secrets,
    handshakes: options.handshakes,
    logger: { warn: log, error: log },
  });
  const handled: AsanaEvent[] = [];
  receiver.on('*', (event) => void handled.push(event));

  const handle = createNodeHandler(receiver, { basePath: '/webhooks/asana' });
  const started: Started = {
    simulator,
    client,
    token,
    receiver,
    secrets,
    project,
    task,
    handled,
    logged,
    waits,
    calls,
    front: undefined,
    mountUrl: `${await serve((request, response) => {
      const pass = () => handle(request, response);
      return started.front === undefined ? pass() : started.front(request, response, pass);
    })}/webhooks/asana`,
    async webhooks() {
      const all = createAsanaClient({ token, apiUrl: simulator.apiUrl });
      const found: Webhook[] = [];
      for await (const webhook of all.webhooks.list({ workspace: simulator.workspace })) found.push(webhook);
      return found;
    },
  };
  return started;
}

/** Serves on a free port of 127.0.0.1 until the test ends; gives the URL. */
export async function serve(
  listener: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<string> {
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export function isHandshake({ headers }: IncomingMessage): boolean {
  return headers['x-hook-secret'] !== undefined;
}
