// A process of its own that accepts secrets into a file. It runs what is published.
import { sqlite } from '@hookshake/sqlite';

const tasks = {
  /** For each hook: whether this process was the first. */
  async race({ path, hooks, secret }) {
    const { secrets, close } = sqlite(path);
    const results = [];
    for (const hook of hooks) results.push(await secrets.accept(hook, secret, 'absent'));
    await close();
    process.send({ results });
  },

  /** Opens files that another process may be making at this moment. */
  async open({ paths }) {
    const problems = [];
    for (const path of paths) {
      try {
        await sqlite(path).close();
      } catch (error) {
        problems.push(error.message);
      }
    }
    process.send({ problems });
  },

  /** Reports each secret once it is stored, until it is killed. */
  async accept({ path, round }) {
    const { secrets } = sqlite(path);
    for (let count = 0; ; count++) {
      const stored = { hook: `hook-${round}-${count}`, secret: `secret-${round}-${count}` };
      await secrets.accept(stored.hook, stored.secret, 'always');
      await new Promise((resolve) => process.send(stored, resolve));
    }
  },
};

process.on('message', ({ task, ...input }) => void tasks[task](input));
process.send('ready');
