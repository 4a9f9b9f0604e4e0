// What `npm start` runs: this example's app, and what may come to it from the internet. Every line with a ✓ or a ✗ is
// judged by what the app answered and what its handlers got; one ✗ makes the exit code 1.
import type { AsanaEvent } from '@hookshake/core';
import { capturedDeliveries, delivery, handshake, serveListener } from '@hookshake/testing';
import { asanaStandIn } from './asana-stand-in.js';
import { createWebhook } from './create-webhook.js';

interface Genuine {
  readonly id: string;
  readonly body: string;
  readonly signature: string;
  readonly secret: string;
}

const STRANGERS_SECRET = 'a-secret-of-the-strangers-own';

console.log(`
hookshake: an Express app receives Asana webhooks. What follows happens now, over HTTP.
Lines that begin with "hookshake:" are what the receiver says on its own, with nothing configured.
`);

// Imported here and not above, so that what the app says on the terminal stands in its place.
const { app, receiver } = await import('./app.js');
const server = await serveListener(app);
const appUrl = `http://127.0.0.1:${server.port}`;

const genuine = capturedDeliveries.flatMap(({ id, body, signature, secret }): Genuine[] =>
  signature === null || secret === null ? [] : [{ id, body, signature, secret }],
);
const secrets = genuine.map(({ secret }) => secret);
const asana = await serveListener(asanaStandIn(() => secrets.shift() ?? ''));
Object.assign(process.env, { ASANA_API_URL: `http://127.0.0.1:${asana.port}`, PUBLIC_URL: appUrl });

let seen = 0;
let failures = 0;

console.log(`\n1. Webhooks are created. For each, Asana calls ${appUrl} with a secret.`);
const webhooks: { readonly captured: Genuine; readonly target: string }[] = [];
for (const captured of genuine) {
  const target = await createWebhook(receiver, '1199170056173519');
  webhooks.push({ captured, target });
  const { status, echo } = await send(handshake({ secret: captured.secret }).toFetch(target));
  report(
    status === 200 && echo === captured.secret,
    `${new URL(target).pathname}: handshake answered ${status}, ${echo === null ? 'no secret' : 'secret'} echoed`,
  );
}

console.log('\n2. Deliveries that Asana once sent are played, byte for byte.');
for (const { captured, target } of webhooks) {
  const { status, handled } = await send(replay(captured, target));
  report(
    status === 200 && reached(handled, captured.body),
    `${captured.id}: verifies, answered ${status}. The handlers got:`,
  );
  for (const line of handled) console.log(`       ${line}`);
}

const [first] = webhooks;
if (first === undefined) throw new Error('None of the captured deliveries has a secret and a signature');
const { captured, target } = first;

console.log('\n3. A stranger sends a handshake, to plant a secret.');
const planted = await send(handshake({ secret: STRANGERS_SECRET }).toFetch(target));
report(
  planted.status === 403 && planted.echo === null,
  `refused: answered ${planted.status} ${planted.code}, ${planted.echo === null ? 'nothing' : 'secret'} echoed`,
);
const still = await send(replay(captured, target));
report(
  still.status === 200 && still.handled.length === 0,
  `the stored secret is unchanged, the genuine delivery still verifies: answered ${still.status}, ${ran(still)} (handled before)`,
);

console.log('\n4. A stranger forges deliveries.');
const tampered = replay({ ...captured, body: captured.body.replace('2021', '2022') }, target);
reportRefused(await send(tampered), 'one digit of the body changed');
const signedByStranger = delivery(captured.body.replace('2021', '2022'), { secret: STRANGERS_SECRET });
reportRefused(await send(signedByStranger.toFetch(target)), "signed with the stranger's secret");

await receiver.close();
await server.close();
await asana.close();

if (failures > 0) {
  console.log(`\n${failures} of these went wrong.`);
  process.exitCode = 1;
} else {
  console.log(`
All as it should be. Next:
  examples/express/src/app.ts    the app you just saw; beside it: Fastify, node:http, Hono, Next.js, CommonJS
  README.md, docs/               your own webhook, from the first line on
  npm test                       every claim, tested
`);
}

interface Answer {
  readonly status: number;
  /** The code that a refusal begins with. */
  readonly code: string;
  readonly echo: string | null;
  /** What the app's handlers were given because of the request. */
  readonly handled: readonly string[];
}

async function send(request: Request): Promise<Answer> {
  const response = await fetch(request);
  const [code = ''] = (await response.text()).split(':', 1);
  const activity = (await (await fetch(`${appUrl}/activity`)).json()) as string[];
  const handled = activity.slice(seen);
  seen = activity.length;
  return { status: response.status, code, echo: response.headers.get('x-hook-secret'), handled };
}

function replay({ body, signature }: Genuine, url: string): Request {
  const headers = { 'content-type': 'application/json', 'x-hook-signature': signature };
  return new Request(url, { method: 'POST', headers, body });
}

/** Whether the handlers got each event of the body; a body without events is a heartbeat. */
function reached(handled: readonly string[], body: string): boolean {
  const { events }: { readonly events: readonly AsanaEvent[] } = JSON.parse(body);
  if (events.length === 0) return handled.length === 1 && handled[0]?.startsWith('heartbeat') === true;
  return events.every(({ resource, change }) =>
    handled.includes(`task.changed: task ${resource?.gid}, field ${change?.field}`),
  );
}

function reportRefused(answer: Answer, what: string): void {
  const { status, code, handled } = answer;
  report(status === 401 && handled.length === 0, `${what}: answered ${status} ${code}, ${ran(answer)}`);
}

function ran({ handled }: Answer): string {
  return `${handled.length} handlers ran`;
}

function report(ok: boolean, line: string): void {
  if (!ok) failures++;
  console.log(`   ${ok ? '✓' : '✗'} ${line}`);
}
