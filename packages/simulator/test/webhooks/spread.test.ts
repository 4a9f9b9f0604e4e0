import { describe, expect, test } from 'vitest';
import { startAsana } from '../support/start-asana.js';
import { startReceiver } from '../support/start-receiver.js';

describe('events', () => {
  test('bubble from a story through its task and parent task to section and project, but no higher', async () => {
    const { simulator, subscribe, project } = await startAsana();
    const receiver = await startReceiver();
    const portfolio = simulator.resource({ resource_type: 'portfolio' });
    simulator.change(project, { action: 'added', parent: portfolio });
    const section = simulator.resource({ resource_type: 'section', parent: project });
    const task = simulator.resource({ resource_type: 'task', parent: section });
    const subtask = simulator.resource({ resource_type: 'task', parent: task });
    const story = simulator.resource({
      resource_type: 'story',
      resource_subtype: 'comment_added',
      parent: subtask,
    });
    const stranger = simulator.resource({ resource_type: 'project' });
    for (const gid of [story, subtask, task, section, project, stranger])
      await subscribe(gid, `${receiver.url}/${gid}`);
    for (const gid of [portfolio, simulator.workspace]) {
      await subscribe(gid, `${receiver.url}/${gid}`, [{ resource_type: 'project' }]);
    }
    simulator.change(story, { action: 'changed', field: 'text' });
    await simulator.flush();
    const reached = receiver.deliveries.map(({ path }) => path.slice(1));
    expect(reached.sort()).toEqual([story, subtask, task, section, project].sort());
    expect(receiver.events().every(({ resource }) => resource?.gid === story)).toBe(true);
  });

  test('of projects reach teams, portfolios and workspaces', async () => {
    const { simulator, subscribe } = await startAsana();
    const receiver = await startReceiver();
    const team = simulator.resource({ resource_type: 'team' });
    const project = simulator.resource({ resource_type: 'project', parent: team });
    for (const gid of [team, simulator.workspace]) {
      await subscribe(gid, `${receiver.url}/${gid}`, [{ resource_type: 'project', action: 'added' }]);
    }
    simulator.change(project, { action: 'added' });
    simulator.change(project, { field: 'name' });
    await simulator.flush();
    expect(receiver.deliveries.map(({ path }) => path).sort()).toEqual(
      [`/${team}`, `/${simulator.workspace}`].sort(),
    );
    expect(receiver.events()).toHaveLength(2);
  });

  test.each([
    ['the type', [{ resource_type: 'story' }], ['/']],
    ['the type and subtype', [{ resource_type: 'task', resource_subtype: 'milestone' }], []],
    ['the action', [{ resource_type: 'task', action: 'deleted' }], ['deleted']],
    ['the changed field', [{ resource_type: 'task', action: 'changed', fields: ['due_on'] }], ['due_on']],
    [
      'any of several filters',
      [
        { resource_type: 'task', action: 'changed', fields: ['due_on', 'nothing'] },
        { resource_type: 'task', action: 'deleted' },
      ],
      ['due_on', 'deleted'],
    ],
    ['no filter, for there is none', [], ['/', 'due_on', 'name', 'deleted']],
  ])('are delivered that match %s', async (_, filters, expected) => {
    const { simulator, subscribe, project, task } = await startAsana({ deliverySize: 'full' });
    const receiver = await startReceiver();
    await subscribe(project, receiver.url, filters);
    const story = simulator.resource({ resource_type: 'story', parent: task });
    simulator.change(story, { action: 'added' });
    simulator.change(task, { field: 'due_on' });
    simulator.change(task, { field: 'name' });
    simulator.change(task, { action: 'deleted' });
    await simulator.flush();
    const heard = receiver
      .events()
      .map(({ action, change }) => change?.field ?? (action === 'added' ? '/' : action));
    expect(heard).toEqual(expected);
  });
});
