// A process of its own that appends deliveries to an inbox and handles what is in it. It runs what is published.
import { appendFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { sqlite } from '@hookshake/sqlite';

const CHAINS = 4;

process.on('message', ({ path, name, leadMs }) => void run(path, name, leadMs));
process.send('ready');

async function run(path, name, leadMs) {
  const { inbox } = sqlite(path, { now: () => Date.now() + leadMs });
  await inbox.consume({
    split: ({ id, hookId, receivedAtMs, body }) => {
      const { lane, keys } = JSON.parse(Buffer.from(body));
      return keys.map((key) => ({
        deliveryId: id,
        hookId,
        receivedAtMs,
        key,
        lane,
        name: 'task.changed',
        json: key,
      }));
    },
    async handle({ key, lane, json }, { attempt }) {
      await setImmediate();
      if (attempt === 1 && key.endsWith('7')) throw new Error('every tenth fails at first');
      appendFileSync(`${path}.handled`, `${lane} ${key} ${json}\n`);
    },
    duplicate() {},
    describe: () => 'failed',
    gaveUp: (event) => appendFileSync(`${path}.given-up`, `${event.key}\n`),
    attempts: 8,
    backoffMs: 20,
    timeoutMs: 10_000,
    concurrency: 10,
  });
  for (let chain = 0; chain < CHAINS; chain++) void append(inbox, path, `${name}-${chain}`);
}

/** One delivery after the other, so that the order of acceptance in the lane is known. */
async function append(inbox, path, lane) {
  for (let count = 0; ; count += 2) {
    const keys = [`${lane}-${count}`, `${lane}-${count + 1}`];
    appendFileSync(`${path}.begun`, `${keys.join('\n')}\n`);
    const body = Buffer.from(JSON.stringify({ lane, keys }));
    await inbox.append({ id: keys[0], hookId: 'bugs', receivedAtMs: Date.now(), body });
    await new Promise((resolve) => process.send(keys, resolve));
  }
}
