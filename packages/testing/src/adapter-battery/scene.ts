import assert from 'node:assert/strict';
import {
  type AsanaEvent,
  createReceiver,
  type EventCode,
  type HandlerContext,
  type HookResponse,
  memorySecrets,
  type Outcome,
  type Receiver,
  type ReceiverOptions,
  type RequestCode,
  type SecretStore,
  sign,
} from '@hookshake/core';
import { connectRaw, type RawConnection, type RawResponse } from '../raw-connection.js';
import { type RequestParts, requestBytes } from '../request-bytes.js';
import { type AdapterUnderTest, type AdapterWiring, MOUNT } from './adapter-under-test.js';

/** Long enough for any outcome to show, in milliseconds. */
const PATIENCE_MS = 4_000;

/** One request of a case. */
export interface Sent extends Omit<RequestParts, 'path'> {
  /** The hook id that the target names. @defaultValue `'bugs'` */
  readonly to?: string | undefined;
  /** The whole path instead. */
  readonly path?: string | undefined;
}

/** A delivery of a case. */
export interface SentDelivery extends Sent {
  /** @defaultValue {@link SECRET} */
  readonly secret?: string | undefined;
}

/** What came back over the wire, and what the receiver had said. */
export interface Answer extends RawResponse {
  readonly code: RequestCode | undefined;
  readonly said: HookResponse | undefined;
}

/** A receiver of its own behind the adapter, on real sockets, and all that can be observed of it. */
export interface Scene {
  readonly receiver: Receiver;
  readonly secrets: SecretStore;
  readonly port: number;
  /** The codes of all requests so far, in order of their answers. */
  readonly codes: readonly RequestCode[];
  /** The codes of all events so far. */
  readonly eventCodes: readonly EventCode[];
  readonly outcomes: readonly Outcome[];
  /** Everything that was logged. */
  readonly log: readonly string[];
  /** What a handler on `*` was called with. */
  readonly handled: readonly { readonly event: AsanaEvent; readonly context: HandlerContext }[];
  /** Lets the hook hold a secret, as a handshake of long ago. */
  hold(secret: string, hookId?: string): Promise<void>;
  send(sent: Sent): Promise<Answer>;
  /** Sends a body with its signature. */
  deliver(body: string | Uint8Array | readonly Uint8Array[], sent?: SentDelivery): Promise<Answer>;
  shake(secret: string, sent?: Sent): Promise<Answer>;
  connect(): Promise<RawConnection>;
  /** Resolves once a request has had this outcome. */
  outcome(code: RequestCode): Promise<void>;
}

/** The secret that most cases use. */
export const SECRET = 'f3a1c0de5eed4b1d9c8b7a6f5e4d3c2b';
/** Another one, of another webhook or a stranger. */
export const OTHER_SECRET = '0badc0de5eed4b1d9c8b7a6f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b';

/** The secrets of the hook that a request goes to unless told otherwise. */
export async function secretsOf({ secrets }: Scene): Promise<readonly string[]> {
  return (await secrets.find('bugs')).map(({ secret }) => secret);
}

/** What a case may set up otherwise. */
export interface SceneOptions extends Partial<Omit<ReceiverOptions, 'logger'>>, AdapterWiring {}

/** Plays a case in a scene of its own; at the end nothing confidential may have leaked. */
export async function inScene(
  adapter: AdapterUnderTest,
  { hookId, bodyReadBefore, ...options }: SceneOptions,
  play: (scene: Scene) => Promise<void>,
): Promise<void> {
  const secrets = options.secrets ?? memorySecrets();
  const log: string[] = [];
  const write = (details: object, message: string) => void log.push(`${JSON.stringify(details)} ${message}`);
  const receiver = createReceiver({ ...options, secrets, logger: { warn: write, error: write } });

  const outcomes: Outcome[] = [];
  const handled: { event: AsanaEvent; context: HandlerContext }[] = [];
  const listeners = new Set<() => void>();
  receiver.observe((outcome) => {
    outcomes.push(outcome);
    for (const listener of listeners) listener();
  });
  receiver.on('*', (event, context) => void handled.push({ event, context }));

  const said: HookResponse[] = [];
  const watched: Receiver = {
    ...receiver,
    async receive(request) {
      const response = await receiver.receive(request);
      said.push(response);
      return response;
    },
  };
  const codes = () => outcomes.flatMap((one) => (one.kind === 'request' ? [one.code] : []));
  const confidential = new Set<string>([SECRET, OTHER_SECRET]);
  const answered: Answer[] = [];
  const connections: RawConnection[] = [];
  const server = await adapter.serve(watched, { hookId, bodyReadBefore });

  async function send({ to = 'bugs', path = `${MOUNT}/${to}`, ...parts }: Sent): Promise<Answer> {
    const before = said.length;
    const connection = await scene.connect();
    connection.write(requestBytes({ path, ...parts }));
    const response = await connection.answer(parts.method);
    connection.destroy();
    const isAlone = said.length === before + 1;
    const answer = { ...response, code: isAlone ? codes().at(-1) : undefined, said: said[before] };
    answered.push(answer);
    return answer;
  }

  const scene: Scene = {
    receiver,
    secrets,
    port: server.port,
    log,
    outcomes,
    handled,
    get codes() {
      return codes();
    },
    get eventCodes() {
      return outcomes.flatMap((one) => (one.kind === 'event' ? [one.code] : []));
    },

    async hold(secret, hook = 'bugs') {
      assert.equal(await secrets.accept(hook, secret, 'always'), 'stored');
      if (secret.length >= 16) confidential.add(secret);
    },

    send: (sent) => begun(send(sent)),

    deliver(body, { secret = SECRET, headers, ...sent } = {}) {
      const isWhole = typeof body === 'string' || body instanceof Uint8Array;
      const signature = sign(isWhole ? body : Buffer.concat(body), secret);
      confidential.add(signature);
      const all = { 'X-Hook-Signature': signature, 'Content-Type': 'application/json', ...headers };
      return scene.send({ body, headers: all, ...sent });
    },

    shake: (secret, { headers, ...sent } = {}) =>
      scene.send({ body: '{}', headers: { 'X-Hook-Secret': secret, ...headers }, ...sent }),

    async connect() {
      const connection = await connectRaw(server.port);
      connections.push(connection);
      return connection;
    },

    async outcome(code) {
      const patience = AbortSignal.timeout(PATIENCE_MS);
      await new Promise<void>((resolve, reject) => {
        const look = () => {
          if (codes().includes(code)) resolve();
        };
        listeners.add(look);
        patience.onabort = () => reject(new Error(`No request ended as ${code}, but as: ${codes()}`));
        look();
      });
    },
  };

  try {
    await play(scene);
    assertNothingLeaked(confidential, [...log, ...outcomes.map(describe), ...answered.map(answerText)]);
  } finally {
    for (const connection of connections) connection.destroy();
    await server.close();
  }
}

/** That the request had this outcome, and that exactly what the receiver said went over the wire. */
export function expectAnswer(answer: Answer, status: number, code: RequestCode): void {
  assert.deepEqual({ status: answer.status, code: answer.code }, { status, code });
  expectAsSaid(answer);
}

/** That exactly what the receiver said went over the wire. */
export function expectAsSaid({ said, ...answer }: Answer, method = 'POST'): void {
  assert.ok(said, 'the receiver was not asked exactly once');
  assert.equal(answer.status, said.status);
  if (method !== 'HEAD') assert.equal(answer.body.toString('latin1'), said.body);
  const names = ['x-hook-secret', 'content-type', 'allow', 'retry-after'];
  const sent = Object.fromEntries(names.map((name) => [name, answer.header(name)]));
  const meant = Object.fromEntries(names.map((name) => [name, said.headers[name]]));
  assert.deepEqual(sent, meant);
}

/** A body of these events. */
export function bodyOf(...events: readonly unknown[]): string {
  return JSON.stringify({ events });
}

/** A case that fails leaves behind what it had begun and not waited for; that is no second failure. */
function begun<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {});
  return work;
}

function describe(outcome: Outcome): string {
  return JSON.stringify({ ...outcome, error: undefined });
}

/** An answer without the echo, which is meant for its sender. */
function answerText({ headers, body }: Answer): string {
  const others = headers.filter(([name]) => name.toLowerCase() !== 'x-hook-secret');
  return `${JSON.stringify(others)} ${body.toString('latin1')}`;
}

function assertNothingLeaked(confidential: Iterable<string>, texts: readonly string[]): void {
  for (const text of confidential) {
    assert.ok(!texts.some((one) => one.includes(text)), 'a secret or a signature got out');
  }
}
