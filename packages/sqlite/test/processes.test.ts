import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { sqlite } from '../src/index.js';
import { temporaryFolder } from './support/temporary-folder.js';

async function startProcess(): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL('support/accepting-process.mjs', import.meta.url)));
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'message');
  return child;
}

it('of the secrets that two processes race for, on a file that neither has opened yet, one is stored for each hook', async () => {
  const { path } = temporaryFolder();
  const children = await Promise.all([startProcess(), startProcess()]);
  const hooks = Array.from({ length: 200 }, (_, index) => `hook-${index}`);
  const answers = children.map((child) => once(child, 'message'));
  for (const [index, child] of children.entries()) {
    child.send({ task: 'race', path, hooks, secret: `secret-${index}` });
  }
  const [first, second] = (await Promise.all(answers)).map(([{ results }]) => results as string[]);

  const { secrets, close } = sqlite(path);
  for (const [index, hook] of hooks.entries()) {
    expect([first?.[index], second?.[index]].sort(), hook).toEqual(['refused', 'stored']);
    const winner = first?.[index] === 'stored' ? 0 : 1;
    expect(await secrets.find(hook), hook).toEqual([{ secret: `secret-${winner}` }]);
  }
  await close();
}, 20_000);

it('processes that open new files at once all get them', async () => {
  const { path } = temporaryFolder();
  const children = await Promise.all([1, 2, 3].map(startProcess));
  const paths = Array.from({ length: 60 }, (_, index) => `${path}-${index}`);
  const answers = children.map((child) => once(child, 'message'));
  for (const child of children) child.send({ task: 'open', paths });
  const [first, ...others] = await Promise.all(answers);
  expect([first, ...others]).toEqual(children.map(() => [{ problems: [] }, undefined]));
}, 20_000);

it('every secret that a process reported as stored is there after SIGKILL, and the next process goes on', async () => {
  const { path } = temporaryFolder();
  const reported: { readonly hook: string; readonly secret: string }[] = [];
  for (const round of [1, 2, 3]) {
    const child = await startProcess();
    const exited = once(child, 'exit');
    let count = 0;
    child.on('message', (stored: { readonly hook: string; readonly secret: string }) => {
      reported.push(stored);
      if (++count === 20 * round) child.kill('SIGKILL');
    });
    child.send({ task: 'accept', path, round });
    expect(await exited).toEqual([null, 'SIGKILL']);

    const { secrets, close } = sqlite(path);
    for (const { hook, secret } of reported) expect(await secrets.find(hook), hook).toEqual([{ secret }]);
    await close();
  }
  expect(reported.length).toBeGreaterThanOrEqual(120);
}, 20_000);
