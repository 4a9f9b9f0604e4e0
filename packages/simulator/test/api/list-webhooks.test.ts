import { describe, expect, test } from 'vitest';
import { startAsana } from '../support/start-asana.js';
import { startReceiver } from '../support/start-receiver.js';

describe('GET /webhooks', () => {
  test('wants a workspace that exists, and a limit from 1 to 100', async () => {
    const { call, simulator, project } = await startAsana();
    const refusals = [
      ['', 'workspace: Missing input'],
      [`?workspace=${project}`, `workspace: Unknown object: ${project}`],
      [`?workspace=${simulator.workspace}&limit=101`, 'limit: Must be between 1 and 100'],
      [`?workspace=${simulator.workspace}&limit=0`, 'limit: Must be between 1 and 100'],
      [`?workspace=${simulator.workspace}&offset=junk`, 'offset: Your pagination token is invalid.'],
    ] as const;
    for (const [query, message] of refusals) {
      const { status, body } = await call('GET', `/webhooks${query}`);
      expect([status, body.errors[0].message]).toEqual([400, message]);
    }
  });

  test('gives compact records, only of the workspace and resource asked for', async () => {
    const { call, subscribe, simulator, project, task } = await startAsana();
    const receiver = await startReceiver();
    const elsewhere = simulator.resource({ resource_type: 'workspace' });
    const stray = simulator.resource({ resource_type: 'project', parent: elsewhere });
    const first = await subscribe(project, receiver.url);
    const second = await subscribe(task, receiver.url);
    const third = await subscribe(stray, receiver.url);
    const list = async (query: string) => {
      const { body } = await call('GET', `/webhooks?${query}`);
      return (body.data as unknown as { gid: string }[]).map(({ gid }) => gid);
    };
    expect(await list(`workspace=${simulator.workspace}`)).toEqual([first, second]);
    expect(await list(`workspace=${simulator.workspace}&resource=${task}`)).toEqual([second]);
    expect(await list(`workspace=${elsewhere}`)).toEqual([third]);
    const { body } = await call('GET', `/webhooks?workspace=${elsewhere}`);
    expect(body.data).toEqual([
      {
        gid: third,
        resource_type: 'webhook',
        active: true,
        resource: { gid: stray, resource_type: 'project', name: 'A project' },
        target: receiver.url,
      },
    ]);
  });

  test('gives pages that next_page leads through, also when a webhook goes in between', async () => {
    const { call, subscribe, simulator, project } = await startAsana();
    const receiver = await startReceiver();
    const gids: string[] = [];
    for (let index = 0; index < 5; index += 1)
      gids.push(await subscribe(project, `${receiver.url}/${index}`));
    const seen: string[] = [];
    let path: string | undefined = `/webhooks?workspace=${simulator.workspace}&limit=2&opt_fields=target`;
    while (path !== undefined) {
      const { body } = await call('GET', path);
      const page = body.data as unknown as { gid: string; target: string }[];
      expect(page.every((record) => Object.keys(record).join() === 'gid,target')).toBe(true);
      seen.push(...page.map(({ gid }) => gid));
      if (seen.length === 2) await call('DELETE', `/webhooks/${gids[0]}`);
      if (body.next_page !== null)
        expect(body.next_page.uri).toBe(`${simulator.apiUrl}${body.next_page.path}`);
      path = body.next_page?.path;
    }
    expect(seen).toEqual(gids);
  });
});
