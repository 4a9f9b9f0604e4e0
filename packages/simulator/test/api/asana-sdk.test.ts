import Asana from 'asana';
import { describe, expect, test } from 'vitest';
import { startAsana } from '../support/start-asana.js';
import { startReceiver } from '../support/start-receiver.js';

describe("Asana's own SDK", () => {
  test('creates, reads, lists, updates and deletes webhooks', async () => {
    const { simulator, project } = await startAsana();
    const receiver = await startReceiver();
    const webhooks = new Asana.WebhooksApi(connect(simulator.apiUrl, simulator.token()));

    const filters = [{ resource_type: 'task', action: 'added' }];
    const created = await webhooks.createWebhookWithHttpInfo(
      { data: { resource: project, target: receiver.url, filters } },
      {},
    );
    const gid = created.data.data.gid;
    expect(created.response.body['X-Hook-Secret']).toBe(receiver.handshakes[0]?.headers['x-hook-secret']);

    expect((await webhooks.getWebhook(gid, {})).data).toMatchObject({ gid, target: receiver.url });

    for (let index = 0; index < 4; index += 1) {
      await webhooks.createWebhook({ data: { resource: project, target: `${receiver.url}/${index}` } }, {});
    }
    let page = await webhooks.getWebhooks(simulator.workspace, { limit: 2 });
    const listed: string[] = [];
    while (page.data !== null) {
      listed.push(...page.data.map((webhook: { gid: string }) => webhook.gid));
      page = await page.nextPage();
    }
    expect([listed.length, listed[0]]).toEqual([5, gid]);

    const update = { data: { filters: [{ resource_type: 'story' }] } };
    expect((await webhooks.updateWebhook(update, gid, {})).data.filters).toMatchObject([
      { resource_type: 'story' },
    ]);

    await webhooks.deleteWebhook(gid);
    await expect(webhooks.getWebhook(gid, {})).rejects.toMatchObject({ status: 404 });
  });
});

function connect(apiUrl: string, token: string) {
  const client = new Asana.ApiClient();
  client.basePath = apiUrl;
  Object.assign(client.authentications['token'] ?? {}, { accessToken: token });
  return client;
}
