import type { BenchCase, CaseContext, RunningCase } from './case.js';
import type { Adapter } from './cases/hookshake.js';
import { type Home, homes } from './homes.js';
import { asana, github, line, type Scheme, slack, standardWebhooks, stripe } from './schemes.js';

/** The name of what all are compared with. */
export const FLOOR = 'floor';

type Start = (context: CaseContext) => Promise<RunningCase>;

/** All receivers that are measured, in the order of the report. */
export const cases: readonly BenchCase[] = [
  byHand(FLOOR, [], async (context) => (await import('./cases/floor.js')).startFloor(context)),
  ...ours('node'),
  byHand('fastify by hand', ['fastify'], async (context) =>
    (await import('./cases/fastify-by-hand.js')).startFastifyByHand(context),
  ),
  ...ours('fastify'),
  byHand('express by hand', ['express'], async (context) =>
    (await import('./cases/express-by-hand.js')).startExpressByHand(context),
  ),
  ...ours('express'),
  peer('Asana sample logic', asana, ['express'], async (context) =>
    (await import('./cases/asana-sample.js')).startAsanaSample(context),
  ),
  peer('Octokit webhooks', github, ['@octokit/webhooks'], async (context) =>
    (await import('./cases/octokit.js')).startOctokit(context),
  ),
  peer('Bolt HTTP', slack, ['@slack/bolt'], async (context) =>
    (await import('./cases/bolt.js')).startBoltHttp(context),
  ),
  peer('Bolt Express', slack, ['@slack/bolt'], async (context) =>
    (await import('./cases/bolt.js')).startBoltExpress(context),
  ),
  peer('standardwebhooks on Express', standardWebhooks, ['standardwebhooks', 'express'], async (context) =>
    (await import('./cases/standardwebhooks.js')).startStandardWebhooks(context),
  ),
  peer('LINE on Express', line, ['@line/bot-sdk', 'express'], async (context) =>
    (await import('./cases/line.js')).startLine(context),
  ),
  peer('Stripe on Express', stripe, ['stripe', 'express'], async (context) =>
    (await import('./cases/stripe.js')).startStripe(context),
  ),
];

/** Those of them that can be measured on this machine. */
export async function casesHere(): Promise<readonly BenchCase[]> {
  const here = await Promise.all(cases.map(async ({ isHere }) => (await isHere?.()) ?? true));
  return cases.filter((_, index) => here[index]);
}

/** SQLite as one writes it by hand: only for the comparison with a SQLite inbox, since it keeps deliveries too. */
export const oneTransaction: BenchCase = {
  ...byHand('one transaction per delivery', ['@photostructure/sqlite'], async (context) =>
    (await import('./cases/one-transaction.js')).startOneTransaction(context),
  ),
  keeps: true,
};

/** Our SQLite inbox without the rest: only for the comparison with the whole. */
export const sqliteByHand: BenchCase = {
  ...byHand('SQLite inbox behind a receiver by hand', ['@hookshake/sqlite'], async (context) =>
    (await import('./cases/sqlite-by-hand.js')).startSqliteByHand(context),
  ),
  keeps: true,
};

/** `node:http` without a receiver: not one of them, since it takes whatever comes. */
export const nodeHttpAlone: BenchCase = {
  ...byHand('node:http alone', [], async (context) =>
    (await import('./cases/node-http-alone.js')).startNodeHttpAlone(context),
  ),
  keeps: true,
};

/** What an inbox in memory is compared with: not a receiver, since it has no handlers. */
export const acceptByHand: BenchCase = {
  ...byHand('accepted by hand', [], async (context) =>
    (await import('./cases/accept-by-hand.js')).startAcceptByHand(context),
  ),
  keeps: true,
};

/** The same with the rules that hookshake keeps, to show how much of what it costs is theirs. */
export const rulesByHand: BenchCase = {
  ...byHand('accepted by hand, rules kept', [], async (context) =>
    (await import('./cases/rules-by-hand.js')).startRulesByHand(context),
  ),
  keeps: true,
};

/** What is left of a route written by hand when no body parser runs before it. */
export const floorInExpress: BenchCase = byHand('floor in Express', ['express'], async (context) =>
  (await import('./cases/floor-in-express.js')).startFloorInExpress(context),
);

/** What is measured beside the receivers, to show how far down it goes. */
export const asides: readonly BenchCase[] = [nodeHttpAlone, acceptByHand, rulesByHand, floorInExpress];

/** Only for the comparison with our refusal: it refuses everything. */
export const tooLargeByHand: BenchCase = byHand('refused by hand', [], async (context) =>
  (await import('./cases/too-large-by-hand.js')).startTooLargeByHand(context),
);

/** @throws Error if there is no case of this name. */
export function caseNamed(name: string): BenchCase {
  const found = [...cases, ...asides, oneTransaction, sqliteByHand, tooLargeByHand].find(
    (one) => one.name === name,
  );
  if (found === undefined) throw new Error(`There is no case ${name}`);
  return found;
}

/** The name of one of our adapters with a home, or without any. */
export function nameOfOurs(adapter: Adapter, home?: string): string {
  return home === undefined ? `hookshake ${adapter}` : `hookshake ${adapter}, ${home}`;
}

function ours(adapter: Adapter): readonly BenchCase[] {
  return [undefined, ...homes].map((home) => our(adapter, home));
}

function our(adapter: Adapter, home: Home | undefined): BenchCase {
  const framework = adapter === 'node' ? [] : [`@hookshake/${adapter}`, adapter];
  const installs = ['@hookshake/core', ...framework, ...(home?.installs ?? [])];
  return {
    name: nameOfOurs(adapter, home?.name),
    kind: 'hookshake',
    scheme: asana,
    keeps: home !== undefined,
    skipsRepeated: home === undefined,
    installs,
    imports: adapter === 'node' ? ['@hookshake/core/node', ...installs] : installs,
    isHere: home?.isHere,
    prepare: home?.prepare,
    start: async (context) => (await import('./cases/hookshake.js')).startHookshake(adapter, home, context),
  };
}

function byHand(name: string, installs: readonly string[], start: Start): BenchCase {
  return {
    name,
    kind: 'by hand',
    scheme: asana,
    keeps: false,
    skipsRepeated: false,
    installs,
    imports: installs,
    start,
  };
}

function peer(name: string, scheme: Scheme, installs: readonly string[], start: Start): BenchCase {
  return {
    name,
    kind: 'peer',
    scheme,
    keeps: false,
    skipsRepeated: false,
    installs,
    imports: installs,
    start,
  };
}
