import type { BenchCase } from './case.js';
import type { Adapter } from './cases/hookshake.js';
import {
  acceptByHand,
  asides,
  cases,
  casesHere,
  FLOOR,
  floorInExpress,
  nameOfOurs,
  nodeHttpAlone,
  rulesByHand,
} from './cases.js';
import { homes } from './homes.js';
import type { Traffic } from './requests.js';
import type { Turn } from './results.js';
import { type Extent, measureInTurns, type Subject } from './rounds.js';

/** The sizes that are measured: a heartbeat of 13 bytes, 3.4 KB and 33 KB. */
export const sizes: readonly number[] = [0, 10, 100];

/** What takes turns, since it is compared. */
interface Comparison {
  readonly of: readonly { readonly name: string; readonly traffic?: Traffic }[];
  /** The sizes at which a goal reads it, which therefore get more rounds. */
  readonly judgedAt: readonly number[];
  /** Whether it is measured at those sizes only, and more often: chance decides what is close to its bound. */
  readonly isClose?: boolean;
}

const node = nameOfOurs('node');
const accepting = nameOfOurs('node', 'memory inbox');
const judgedPeers = ['Octokit webhooks', 'Bolt HTTP'];
const sample = 'Asana sample logic';
const otherPeers = cases
  .filter(({ kind }) => kind === 'peer')
  .map(({ name }) => name)
  .filter((name) => name !== sample && !judgedPeers.includes(name));

const comparisons: readonly Comparison[] = [
  { of: named(FLOOR, node), judgedAt: [100], isClose: true },
  {
    of: [
      ...named(FLOOR, node),
      { name: node, traffic: 'malformed' },
      { name: node, traffic: 'forged' },
      ...named(accepting, sample, rulesByHand.name, acceptByHand.name, nodeHttpAlone.name),
    ],
    judgedAt: sizes,
  },
  { of: named(FLOOR, accepting, ...judgedPeers), judgedAt: [10] },
  {
    of: named(
      FLOOR,
      'fastify by hand',
      nameOfOurs('fastify'),
      'express by hand',
      nameOfOurs('express'),
      floorInExpress.name,
    ),
    judgedAt: sizes,
  },
  { of: named(FLOOR, ...inboxesOf('node').filter((name) => name !== accepting)), judgedAt: [] },
  { of: named(FLOOR, ...inboxesOf('fastify'), ...inboxesOf('express')), judgedAt: [] },
  { of: named(FLOOR, ...otherPeers), judgedAt: [] },
];

/** All receivers, and what ours costs an attacker, size by size. */
export async function measureReceivers(
  extent: { readonly judged: Extent; readonly others?: Extent },
  events: readonly number[],
): Promise<readonly Turn[]> {
  const here = await casesHere();
  const turns: Turn[] = [];
  for (const size of events) {
    for (const { subjects, isJudged, isClose } of subjectsAt(size, here)) {
      const chosen = isJudged ? extent.judged : extent.others;
      if (chosen === undefined) continue;
      const starts = isClose ? 2 * chosen.starts : chosen.starts;
      turns.push(await measureInTurns(subjects, { ...chosen, starts }));
    }
  }
  return turns;
}

/** What takes turns at a size, and how much of it. */
interface TurnsOf {
  readonly subjects: readonly Subject[];
  readonly isJudged: boolean;
  readonly isClose: boolean;
}

export function subjectsAt(events: number, here: readonly BenchCase[]): readonly TurnsOf[] {
  return comparisons
    .map(({ of, judgedAt, isClose = false }) => ({
      subjects: of
        .filter(({ name }) => [...here, ...asides].some((one) => one.name === name))
        .map((one) => ({ ...one, events })),
      isJudged: judgedAt.includes(events),
      isClose,
    }))
    .filter(({ isJudged, isClose }) => isJudged || !isClose);
}

function named(...names: readonly string[]): readonly { readonly name: string }[] {
  return names.map((name) => ({ name }));
}

function inboxesOf(adapter: Adapter): readonly string[] {
  return homes.map(({ name }) => nameOfOurs(adapter, name));
}
