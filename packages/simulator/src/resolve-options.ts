import { rejectUnknown } from './reject-unknown.js';
import { SimulatorError } from './simulator-error.js';
import type { SimulatorOptions } from './simulator-options.js';

/** Every option with its value. */
export type Knobs = {
  readonly [Name in keyof Required<Omit<SimulatorOptions, MayBeAbsent>>]: NonNullable<SimulatorOptions[Name]>;
} & Pick<SimulatorOptions, MayBeAbsent>;

type MayBeAbsent = 'onDelivery' | 'userAgent' | 'startAt';

const HOUR_MS = 3_600_000;

interface Rule<T> {
  readonly value: T;
  readonly expects: string;
  accepts(given: unknown): boolean;
}

const rules: { readonly [Name in keyof SimulatorOptions]-?: Rule<SimulatorOptions[Name]> } = {
  allowLocalTargets: flag(false),
  allowHttpTargets: flag(true),
  seed: number(1, -Number.MAX_SAFE_INTEGER),
  clock: oneOf('moved', 'running'),
  startAt: { value: undefined, expects: 'a valid Date', accepts: isValidDate },
  onDelivery: { value: undefined, expects: 'a function', accepts: (given) => typeof given === 'function' },
  handshakeBody: oneOf('mixed', 'empty', '{}', '{"events":[]}'),
  handshakeContentType: oneOf('mixed', 'application/json', 'absent'),
  handshakeDeadlineMs: number(10_000, 1, 600_000),
  secretDigits: oneOf<32 | 64 | 'mixed'>('mixed', 32, 64),
  deadlineMs: number(10_000, 1, 600_000),
  latencyMs: number(0, 0),
  maxEventsPerDelivery: number(100, 1),
  deliverySize: oneOf('drawn', 'full'),
  parallelDeliveries: number(2, 1),
  concurrency: number(64, 1),
  retryCarries: oneOf('newer', 'same'),
  firstRetryMs: number(60_000, 1),
  maxRetryMs: number(HOUR_MS, 1),
  successStatuses: { value: [200, 204], expects: 'a list of HTTP statuses', accepts: isStatusList },
  deleteOnGone: flag(false),
  inactiveAfterMs: number(Number.POSITIVE_INFINITY, 0),
  deleteAfterMs: number(24 * HOUR_MS, 1),
  deletionCountsFrom: oneOf('first-failure', 'last-success'),
  heartbeatEveryMs: number(8 * HOUR_MS, 1),
  firstHeartbeat: oneOf('before-answer', 'after-answer', 'never'),
  requestSignature: flag(false),
  userAgent: { value: undefined, expects: 'a text', accepts: isText },
  systemStories: flag(true),
  webhooksPerResource: number(1_000, 0),
  webhooksPerUserAndApp: number(10_000, 0),
  requestsPerMinute: number(Number.POSITIVE_INFINITY, 1),
  defaultPageSize: number(100, 1, 100),
  filterErrorStatus: oneOf<400 | 403>(400, 403),
  unknownResourceStatus: oneOf<400 | 404>(400, 404),
  localTargetMessage: {
    value: 'The target must be a public URL: localhost, private networks and invalid hosts are not allowed.',
    expects: 'a text',
    accepts: isText,
  },
  keepDeliveries: number(10_000, 0),
};

/** @throws SimulatorError `unknown_option` or `invalid_option` */
export function resolveOptions(options: SimulatorOptions): Knobs {
  rejectUnknown('createSimulator', options, Object.keys(rules));
  const given: Readonly<Record<string, unknown>> = { ...options };
  const resolved = Object.entries(rules).map(([name, rule]) => {
    const value = given[name];
    if (value === undefined) return [name, rule.value];
    if (rule.accepts(value)) return [name, value];
    throw new SimulatorError('invalid_option', `The option '${name}' must be ${rule.expects}.`);
  });
  return Object.fromEntries(resolved) as Knobs;
}

function flag(value: boolean): Rule<boolean> {
  return { value, expects: 'true or false', accepts: (given) => typeof given === 'boolean' };
}

function number(value: number, least: number, most: number = Number.POSITIVE_INFINITY): Rule<number> {
  return {
    value,
    expects: `a number from ${least} to ${most}`,
    accepts: (given) => typeof given === 'number' && given >= least && given <= most,
  };
}

function oneOf<const T extends string | number>(value: T, ...others: readonly T[]): Rule<T> {
  const all: readonly unknown[] = [value, ...others];
  return { value, expects: `one of ${all.join(', ')}`, accepts: (given) => all.includes(given) };
}

function isText(given: unknown): boolean {
  return typeof given === 'string';
}

function isValidDate(given: unknown): boolean {
  return given instanceof Date && Number.isFinite(given.getTime());
}

function isStatusList(given: unknown): boolean {
  return Array.isArray(given) && given.every((status) => Number.isInteger(status));
}
