import {
  createReceiver,
  type EventOutcome,
  type Logger,
  memorySecrets,
  type Outcome,
  type Receiver,
  type ReceiverOptions,
  type RequestOutcome,
  type SecretStore,
} from '../src/index.js';

/** A line that a receiver logged. */
export interface LogLine {
  readonly level: 'warn' | 'error';
  readonly details: object;
  readonly message: string;
}

/** A receiver whose secrets are known, whose clock can be moved, and of which everything is recorded. */
export interface ReceiverSetup {
  readonly receiver: Receiver;
  readonly store: SecretStore;
  readonly lines: readonly LogLine[];
  readonly outcomes: readonly Outcome[];
  /** Codes of the requests so far, in order. */
  requestCodes(): readonly string[];
  /** `code name` of the events so far, in order. */
  eventCodes(): readonly string[];
  requests(): readonly RequestOutcome[];
  events(): readonly EventOutcome[];
  advance(ms: number): void;
}

/** The secret of the hook `bugs`, unless a test says otherwise. */
export const SECRET = 'cfecd97ea57de2b55a0a1a343c16fe3e';

export interface SetupOptions extends Partial<ReceiverOptions> {
  /** Confirmed secrets by hook id. @defaultValue `{ bugs: [SECRET] }` */
  readonly holding?: Readonly<Record<string, readonly string[]>>;
}

export function setUpReceiver({
  holding = { bugs: [SECRET] },
  ...options
}: SetupOptions = {}): ReceiverSetup {
  let time = Date.UTC(2026, 10, 2, 9);
  const now = (): number => time;
  const lines: LogLine[] = [];
  const logger: Logger = {
    warn: (details, message) => void lines.push({ level: 'warn', details, message }),
    error: (details, message) => void lines.push({ level: 'error', details, message }),
  };
  const store = { ...memorySecrets({ now }), durability: 'power' as const };
  for (const [hookId, secrets] of Object.entries(holding)) {
    for (const secret of secrets) void store.accept(hookId, secret, 'always');
  }
  const receiver = createReceiver({ secrets: store, logger, now, ...options });
  const outcomes: Outcome[] = [];
  receiver.observe((outcome) => void outcomes.push(outcome));

  const requests = () => outcomes.filter((one) => one.kind === 'request');
  const events = () => outcomes.filter((one) => one.kind === 'event');
  return {
    receiver,
    store,
    lines,
    outcomes,
    requests,
    events,
    requestCodes: () => requests().map(({ code }) => code),
    eventCodes: () => events().map(({ code, name }) => `${code} ${name}`),
    advance(ms) {
      time += ms;
    },
  };
}
