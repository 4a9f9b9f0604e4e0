import { randomUUID } from 'node:crypto';
import type { Receiver } from '@hookshake/core';

/**
 * Creates a webhook for a task, a project or any other resource. Asana sends the handshake while `POST /webhooks` is
 * still open, so the window is opened first.
 *
 * @returns The target that Asana now posts to.
 */
export async function createWebhook(receiver: Receiver, resource: string): Promise<string> {
  const { ASANA_API_URL = 'https://app.asana.com/api/1.0', ASANA_TOKEN, PUBLIC_URL } = process.env;
  const hookId = randomUUID(); // nobody can guess it, so nobody can be faster than Asana
  const target = `${PUBLIC_URL}/webhooks/asana/${hookId}`;

  const window = await receiver.expectHandshake(hookId, { confirm: true });
  try {
    const response = await fetch(`${ASANA_API_URL}/webhooks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ASANA_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ data: { resource, target } }),
    });
    if (response.status !== 201)
      throw new Error(`Asana answered ${response.status}: ${await response.text()}`);

    // The 201 repeats the secret: the only word on it that surely comes from Asana.
    const created = (await response.json()) as { data: { gid: string }; 'X-Hook-Secret': string };
    await window.confirm(created['X-Hook-Secret'], { webhook: created.data.gid });
  } catch (error) {
    await window.cancel();
    throw error;
  }
  return target;
}
