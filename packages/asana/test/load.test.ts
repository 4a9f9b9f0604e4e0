import { expect, it } from 'vitest';
import { establish } from '../src/index.js';
import { start } from './support/start.js';

/** `HOOKSHAKE_LOAD=full` is 1,000 webhooks and 100,000 events. */
const isFull = process.env['HOOKSHAKE_LOAD'] === 'full';
const WEBHOOKS = isFull ? 1_000 : 100;
const CHANGES_EACH = 100;
const AT_ONCE = 50;

it(`${WEBHOOKS} webhooks and ${WEBHOOKS * CHANGES_EACH} events: none is lost, none invented`, async () => {
  const asana = await start({ simulator: { keepDeliveries: 1 } });
  const { simulator, client, receiver, mountUrl } = asana;
  const handled = new Map<string, number>();
  receiver.on('task.changed', ({ resource, change }, { hookId }) => {
    const event = `${hookId} ${resource.gid} ${change?.field}`;
    handled.set(event, (handled.get(event) ?? 0) + 1);
  });

  const startedAt = performance.now();
  const hooks: { hookId: string; task: string }[] = [];
  const resources = Array.from({ length: WEBHOOKS }, () => simulator.resource({ resource_type: 'project' }));
  while (resources.length > 0) {
    const made = resources.splice(0, AT_ONCE).map(async (resource) => {
      const { hookId } = await establish({ client, receiver, mountUrl, resource });
      return { hookId, task: simulator.resource({ resource_type: 'task', parent: resource }) };
    });
    hooks.push(...(await Promise.all(made)));
  }
  const establishedAt = performance.now();

  const wanted: string[] = [];
  for (let change = 0; change < CHANGES_EACH; change++) {
    for (const { hookId, task } of hooks) {
      simulator.change(task, { field: `field_${change}` });
      wanted.push(`${hookId} ${task} field_${change}`);
    }
    // Some leave one by one, most in batches.
    if (change % 10 === 0) await simulator.flush();
  }
  await simulator.flush();
  const deliveredAt = performance.now();

  expect(handled.size).toBe(wanted.length);
  expect(wanted.filter((event) => handled.get(event) !== 1)).toEqual([]);
  if (isFull) {
    const perSecond = Math.round((wanted.length / (deliveredAt - establishedAt)) * 1_000);
    const seconds = ((establishedAt - startedAt) / 1_000).toFixed(1);
    console.info(`${hooks.length} webhooks established in ${seconds} s; ${perSecond} events a second`);
  }
}, 300_000);
