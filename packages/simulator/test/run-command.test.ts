import { expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../src/run-command.js';
import { startReceiver } from './support/start-receiver.js';

async function start(...args: readonly string[]) {
  const printed: string[] = [];
  const simulator = await runCommand(['--port', '0', ...args], (text) => printed.push(text));
  if (simulator === undefined) throw new Error('It does not listen.');
  onTestFinished(() => simulator.close());
  return { simulator, printed };
}

/** The n-th command of the start text, as a shell would take it apart. */
function readCurl(text: string, index: number) {
  const command = text.replaceAll('\\\n', ' ').match(/^ {2}curl .*$/gm)?.[index] ?? '';
  const words = [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  );
  const after = (flag: string) => words.flatMap((word, at) => (words[at - 1] === flag ? [word] : []));
  const headers = after('-H').map((header) => header.split(': ') as [string, string]);
  const url = words.find((word) => word.startsWith('http')) ?? '';
  return { url, method: after('-X')[0] ?? 'GET', headers, data: after('-d') };
}

test('the commands of the start text create a webhook, change a task, and tell of it', async () => {
  const { simulator, printed } = await start();
  const receiver = await startReceiver();
  const text = printed[0] ?? '';
  const target = `${receiver.url}/webhooks/asana/bugs`;

  const create = readCurl(text.replace('http://localhost:3000/webhooks/asana/bugs', target), 0);
  const form = new URLSearchParams(create.data.join('&'));
  const created = await fetch(create.url, { method: create.method, headers: create.headers, body: form });
  expect(created.status).toBe(201);

  const change = readCurl(text, 1);
  const changed = await fetch(change.url, { method: change.method, body: change.data.join() });
  expect(await changed.json()).toEqual({ events: 3 });
  await receiver.answered(3);
  await simulator.flush();
  expect(receiver.events()).toHaveLength(3);
  expect(printed.slice(1)).toEqual([
    `handshake → ${target} → 200 OK`,
    `heartbeat → ${target} → 200 OK`,
    `3 events → ${target} → 200 OK`,
  ]);

  for (const index of [2, 3, 4, 5]) {
    const { url, method, headers, data } = readCurl(text, index);
    const answer = await fetch(url, { method, headers, ...(data.length > 0 ? { body: data.join() } : {}) });
    expect(answer.status).toBe(200);
  }
});

test('the command takes knobs, a seed, and refuses local targets when told so', async () => {
  const { simulator, printed } = await start(
    '--seed',
    '9',
    '--knob',
    'defaultPageSize=5',
    '--refuse-local-targets',
  );
  const again = await start('--seed', '9');
  expect(again.simulator.workspace).toBe(simulator.workspace);
  const create = readCurl(printed[0] ?? '', 0);
  const body = new URLSearchParams(create.data.join('&'));
  const { status } = await fetch(create.url, { method: 'POST', headers: create.headers, body });
  expect(status).toBe(403);
  await expect(start('--knob', 'clock=sundial')).rejects.toThrow(/'clock'/);
  await expect(start('--prot', '1')).rejects.toThrow(/--prot/);
});

test('the command explains itself', async () => {
  const printed: string[] = [];
  expect(await runCommand(['--help'], (text) => printed.push(text))).toBeUndefined();
  expect(printed[0]).toMatch(/^Usage: hookshake-simulator/);
});
