// Backends for crash-rounds.test.ts, by which its processes are made: one that keeps what it accepts, and flawed ones.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers';
import { HookshakeError, memoryInbox, memorySecrets } from '@hookshake/core';

/** Keeps nothing. */
export const memory = () => ({ secrets: memorySecrets(), inbox: memoryInbox() });

/** Has hardly any room. */
export const bounded = () => ({ secrets: memorySecrets(), inbox: memoryInbox({ maxWaiting: 10 }) });

/** Writes each delivery into a file first. When it starts, all of them are handled again. */
export function journal(path, change = (deliveries) => deliveries) {
  const inbox = memoryInbox({ maxWaiting: 1_000_000 });
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  for (const line of change(lines)) {
    const { body, ...delivery } = JSON.parse(line);
    void inbox.append({ ...delivery, body: Buffer.from(body) });
  }
  return {
    secrets: memorySecrets(),
    inbox: {
      ...inbox,
      async append(delivery) {
        appendFileSync(
          path,
          `${JSON.stringify({ ...delivery, body: Buffer.from(delivery.body).toString() })}\n`,
        );
        await inbox.append(delivery);
      },
    },
  };
}

/** Answers first and writes 50 ms later. */
export function early(path) {
  const { secrets, inbox } = journal(path);
  return {
    secrets,
    inbox: { ...inbox, append: async (delivery) => void setTimeout(inbox.append, 50, delivery) },
  };
}

/** Takes the last event that it finds in its file for another one. */
export const inventing = (path) =>
  journal(path, (lines) => lines.map((line) => line.replace(/(resource\W+gid\W+)\d+/, '$1666')));

/** Handles what it finds in its file from the end. */
export const backwards = (path) => journal(path, (lines) => lines.toReversed());

/** Refuses to be used, and will for ever. */
export function unusable() {
  const refuse = () => Promise.reject(new HookshakeError('store_unusable', 'of another version'));
  return { secrets: { ...memorySecrets(), accept: refuse }, inbox: memoryInbox() };
}

/** Ends by itself. */
export function mortal() {
  setTimeout(() => {
    throw new Error('out of luck');
  }, 100);
  return memory();
}
