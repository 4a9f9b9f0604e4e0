import { expect, it } from 'vitest';
import { establish } from '../src/index.js';
import { type Started, start } from './support/start.js';

const HOUR_MS = 3_600_000;
const FIELDS = ['name', 'assignee', 'due_on'];

it('a receiver that is down for 23 hours gets everything on its return', async () => {
  const asana = await start();
  const { webhook } = await establish({ ...sides(asana), resource: asana.project });
  const tasks = await beDown(asana, 23);

  asana.front = undefined;
  await asana.simulator.advance(HOUR_MS);
  const wanted = tasks.flatMap((gid) => FIELDS.map((field) => `${gid} ${field}`));
  const got = asana.handled.map(
    (event) => `${event.resource?.gid} ${'change' in event && event.change?.field}`,
  );
  expect(got.sort()).toEqual(wanted.sort());

  const [{ gid, delivery_retry_count, failure_deletion_timestamp } = webhook] = await asana.webhooks();
  expect({ gid, delivery_retry_count, failure_deletion_timestamp }).toEqual({
    gid: webhook.gid,
    delivery_retry_count: 0,
    failure_deletion_timestamp: null,
  });
});

it('a receiver that is down for 25 hours finds its webhook deleted', async () => {
  const asana = await start();
  const { webhook } = await establish({ ...sides(asana), resource: asana.project });
  await beDown(asana, 25);

  asana.front = undefined;
  await asana.simulator.advance(HOUR_MS);
  expect(await asana.webhooks()).toEqual([]);
  await expect(asana.client.webhooks.get(webhook.gid)).rejects.toMatchObject({ code: 'not_found' });
  expect(asana.handled).toEqual([]);
});

/** Nothing answers for so many hours, in each of which something happens; gives the tasks that it happens to. */
async function beDown(asana: Started, hours: number): Promise<readonly string[]> {
  const { simulator, project } = asana;
  asana.front = (request) => void request.destroy();
  const tasks: string[] = [];
  for (let hour = 0; hour < hours; hour++) {
    const task = simulator.resource({ resource_type: 'task', parent: project });
    tasks.push(task);
    for (const field of FIELDS) simulator.change(task, { field });
    await simulator.advance(HOUR_MS);
  }
  return tasks;
}

function sides({ client, receiver, mountUrl }: Started) {
  return { client, receiver, mountUrl };
}
