import {
  acceptByHand,
  FLOOR,
  floorInExpress,
  nodeHttpAlone,
  oneTransaction,
  rulesByHand,
  sqliteByHand,
} from './cases.js';
import { meanwhileToBefore } from './goals.js';
import { connectionsName, ratiosOf, sizeName } from './measured.js';
import type { Results } from './results.js';
import { median } from './statistics.js';
import { fixed, table } from './table.js';

/** What the least costs that does the same as what a goal is about: where it is missed too, the goal is out of reach. */
export function boundTable({ receivers, durable, largeBodies, stalled, hooksInMemory }: Results): string {
  const sizes = [...new Set(receivers.flat().map(({ events }) => events))].sort((a, b) => a - b);
  const compare = (goal: string, name: string, other: string) =>
    sizes.map((events) => {
      const found = ratiosOf(receivers, 'cpuMicros', { name, events }, { name: other, events });
      return [goal, `CPU of ${name} ÷ ${other}`, sizeName(events), fixed(median(found), 2)];
    });
  const alone = ratiosOf(
    durable,
    'perSecond',
    { name: sqliteByHand.name, events: 10 },
    { name: oneTransaction.name, events: 10 },
  );
  return table(
    ['', 'what', 'where', 'measured'],
    [
      ...compare('P1', acceptByHand.name, FLOOR),
      ...compare('P3', floorInExpress.name, 'express by hand'),
      [
        'P4',
        `throughput of ${sqliteByHand.name} ÷ ${oneTransaction.name}`,
        connectionsName(1),
        fixed(median(alone), 2),
      ],
      ...compare('P6', 'Asana sample logic', rulesByHand.name),
      ...compare('P6', 'Asana sample logic', acceptByHand.name),
      ...compare('P6', 'Asana sample logic', nodeHttpAlone.name),
      ['P7', 'CPU to refuse a body of 10 MB by hand', 'each', `${fixed(largeBodies.cpuMsByHand, 2)} ms`],
      [
        'P8',
        'one look-up in a bare `Map`',
        `${hooksInMemory.hooks} hooks`,
        `${fixed(hooksInMemory.mapMicros, 2)} µs`,
      ],
      [
        'P8',
        `honest p99 meanwhile ÷ before, ${FLOOR}`,
        `${stalled.connections} stalled`,
        fixed(median(meanwhileToBefore(stalled.atFloor)), 2),
      ],
    ],
  );
}
