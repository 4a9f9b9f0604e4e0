import type { RequestListener } from 'node:http';
import { json } from 'node:stream/consumers';

/**
 * As much of Asana as it takes to create webhooks without an account: `POST /webhooks` calls the target back with a
 * secret, and answers 201 with the same secret if the target echoed it.
 *
 * @param nextSecret - Called once for each webhook.
 */
export function asanaStandIn(nextSecret: () => string): RequestListener {
  return async (request, response) => {
    const { data } = (await json(request)) as { data: { target: string } };
    const secret = nextSecret();
    const shaken = await fetch(data.target, { method: 'POST', headers: { 'x-hook-secret': secret } });
    const echoed = shaken.status === 200 && shaken.headers.get('x-hook-secret') === secret;

    const answer = echoed
      ? { data: { gid: '1200000000000001', target: data.target }, 'X-Hook-Secret': secret }
      : { errors: [{ message: 'The target did not echo the secret' }] };
    response
      .writeHead(echoed ? 201 : 400, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer));
  };
}
