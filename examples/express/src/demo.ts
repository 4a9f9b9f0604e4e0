// What `npm start` runs: Asana, simulated, and this example's server, as two processes. Every line with a ✓ or a ✗ is judged
// by what the server answered and what its handlers got; one ✗ makes the exit code 1. It stays up, for commands by hand,
// unless it is given --once or runs in CI.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AsanaEvent } from '@hookshake/core';
import { capturedDeliveries, handshake } from '@hookshake/testing';
import { startChildProgram } from './child-program.js';

const onlyOnce = process.argv.includes('--once') || process.env['CI'] !== undefined;
let failures = 0;
let seen = 0;

console.log(`
hookshake: an Express app receives Asana webhooks. What follows happens now, over HTTP, between two processes:
a simulated Asana (@hookshake/simulator) and the app (examples/express), which keeps secrets and deliveries in SQLite. Their own lines are marked "asana │" and "app │".`);

const cli = new URL('./cli.js', import.meta.resolve('@hookshake/simulator'));
const asana = startChildProgram(cli, ['--port', '0']);
const asanaUrl = await asana.printed(/^A simulated Asana listens on (\S+)/);
const token = await asana.printed(/^ +token +(\S+)/);
const project = await asana.printed(/^ +project +(\S+)/);
const task = await asana.printed(/^ +task +(\S+)/);
await asana.printed(/^(Deliveries are printed below)/);

const folder = await mkdtemp(join(tmpdir(), 'hookshake-demo-'));
const app = startChildProgram(new URL('./server.js', import.meta.url), [], {
  PORT: '0',
  ADMIN_PORT: '0',
  DATABASE: join(folder, 'hooks.db'),
  ASANA_API_URL: `${asanaUrl}/api/1.0`,
  ASANA_TOKEN: token,
});
const appUrl = `http://localhost:${await app.printed(/^listening on .*\bport: (\d+)/)}`;
const adminUrl = `http://127.0.0.1:${await app.printed(/^admin on .*\bport: (\d+)/)}`;
asana.show('asana');
app.show('app  ');

console.log('\n1. A webhook is established: POST /webhooks, and the handshake while that call is open.');
const established = await call<{ webhook: string; target: string }>(`${adminUrl}/webhooks/${project}`);
report(
  established.status === 201,
  `the webhook ${established.body.webhook} posts to ${established.body.target}`,
);

console.log(
  '\n2. Someone ticks a task in Asana. (It tells of a story, too, which the app has no handler for.)',
);
await call(`${asanaUrl}/control/resources/${task}/changes`, { field: 'completed' });
await call(`${asanaUrl}/control/flush`);
const changed = await newActivity();
report(
  changed.includes(`task.changed.completed: task ${task} was ticked or unticked`),
  'the delivery verified, and the handlers got a typed event',
);

console.log('\n3. Deliveries that Asana once sent are played, byte for byte.');
for (const { id, body, signature, secret } of capturedDeliveries) {
  if (secret === null || signature === null) continue;
  const target = `${appUrl}/webhooks/asana/captured-${id}`;
  await call(`${adminUrl}/handshakes/captured-${id}`);
  const shaken = await fetch(handshake({ secret }).toFetch(target));
  const played = await play(target, body, signature);
  const handled = await newActivity();
  report(
    shaken.headers.get('x-hook-secret') === secret && played === 200 && reached(handled, body),
    `${id}: handshake echoed, signature verified, handlers ran`,
  );
  const tampered = body.replace(/\d/, (digit) => String((Number(digit) + 1) % 10));
  const refused = await play(target, tampered === body ? `${body} ` : tampered, signature);
  report(
    refused === 401 && (await newActivity()).length === 0,
    `the same with one character changed: answered ${refused}, no handler ran`,
  );
}

console.log('\n4. A stranger sends a handshake, to plant a secret, and forges a delivery.');
for (const forge of ['handshake', 'delivery'] as const) {
  const forged = await call<{ answer: { status: number } }>(`${asanaUrl}/control/forgeries`, {
    forge,
    webhook: established.body.webhook,
  });
  const { status } = forged.body.answer;
  report(
    status === (forge === 'handshake' ? 403 : 401) && (await newActivity()).length === 0,
    `the ${forge} was refused with ${status}; no handler ran`,
  );
}
await call(`${asanaUrl}/control/resources/${task}/changes`, { field: 'name' });
await call(`${asanaUrl}/control/flush`);
const afterwards = await newActivity();
report(
  afterwards.includes(`task.changed: task ${task}, field name`),
  "the secret is unchanged: Asana's next delivery verifies",
);

if (failures > 0) {
  console.log(`\n${failures} of these went wrong.`);
  process.exitCode = 1;
} else if (onlyOnce) {
  console.log('\nAll as it should be.');
} else {
  console.log(`
All as it should be, and both still run. From a second terminal:

  # Something happens in Asana; the app prints it
  curl -X POST ${asanaUrl}/control/resources/${task}/changes -d '{"field":"assignee"}'

  # Create a webhook as Asana's documentation shows, once the app expects its handshake
  curl -X POST ${adminUrl}/handshakes/by-hand
  curl -X POST ${asanaUrl}/api/1.0/webhooks \\
    -H "Authorization: Bearer ${token}" \\
    -d "resource=${task}" \\
    -d "target=${appUrl}/webhooks/asana/by-hand"

  # Eight hours pass: a heartbeat. Play the stranger: refused (the app says so once an hour)
  curl -X POST ${asanaUrl}/control/advance -d '{"ms":28800000}'
  curl -X POST ${asanaUrl}/control/forgeries -d '{"forge":"handshake","webhook":"${established.body.webhook}"}'

The app is examples/express/src/app.ts. Your own: README.md. Ctrl-C ends this.`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}
await Promise.all([app.stop(), asana.stop()]);
await rm(folder, { recursive: true });

async function call<Body = unknown>(url: string, data?: object): Promise<{ status: number; body: Body }> {
  const response = await fetch(url, { method: 'POST', ...(data && { body: JSON.stringify(data) }) });
  return { status: response.status, body: (await response.json()) as Body };
}

async function play(target: string, body: string, signature: string): Promise<number> {
  const headers = { 'content-type': 'application/json', 'x-hook-signature': signature };
  return (await fetch(target, { method: 'POST', headers, body })).status;
}

/** What the app's handlers were given since the last time. */
async function newActivity(): Promise<readonly string[]> {
  await call(`${adminUrl}/idle`);
  const activity = (await (await fetch(`${appUrl}/activity`)).json()) as string[];
  const fresh = activity.slice(seen);
  seen = activity.length;
  return fresh;
}

/** Whether the handlers got each event of the body; a body without events is a heartbeat. */
function reached(handled: readonly string[], body: string): boolean {
  const { events }: { readonly events: readonly AsanaEvent[] } = JSON.parse(body);
  if (events.length === 0) return handled.some((line) => line.startsWith('heartbeat'));
  return events.every(({ resource, change }) =>
    handled.includes(`task.changed: task ${resource?.gid}, field ${change?.field}`),
  );
}

function report(ok: boolean, line: string): void {
  if (!ok) failures++;
  console.log(`   ${ok ? '✓' : '✗'} ${line}`);
}
