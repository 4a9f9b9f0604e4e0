import { EventEmitter, once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { AsanaEvent } from '@hookshake/core';
import { delivery } from '../delivery.js';
import { event } from '../event.js';

/** Deliveries that are sent all the time, over connections that are kept. */
export interface Load {
  /** All events that were sent, in order for each resource. */
  readonly sent: ReadonlySet<string>;
  /** Events of deliveries that were answered 200. */
  readonly acknowledged: ReadonlySet<string>;
  /** The different answers other than 200, each a status and a text, or that there was none in time. */
  readonly refusals: ReadonlySet<string>;
  /** Resolves once this many more deliveries have been answered 200. */
  progress(deliveries: number, signal: AbortSignal): Promise<void>;
  /** Resolves once a delivery is answered otherwise. */
  refusal(signal: AbortSignal): Promise<void>;
  /** Resolves once the last one is answered. */
  stop(): Promise<void>;
}

/** Between an answer and the next delivery, at most: so that a slow backend need not refuse what waits. */
const PAUSE_MS = 10;
const EVENTS_EACH = 3;
/** After that many deliveries a sender goes on with another resource. */
const DELIVERIES_PER_RESOURCE = 10;
/** A receiver has answered by then, whatever happened to its backend. */
const ANSWERED_WITHIN_MS = 15_000;

/** An event by its resource, the order of which is kept, and a number that grows. */
export function idOf({ resource, change }: AsanaEvent): string {
  return `${resource?.gid} ${change?.new_value?.gid}`;
}

const NO_ANSWER = 'no answer';

/**
 * @param portOf - Where the nth sender sends to; it waits while that is `undefined`.
 */
export function startLoad(
  senders: number,
  secret: string,
  portOf: (sender: number) => number | undefined,
  answeredWithinMs: number = ANSWERED_WITHIN_MS,
): Load {
  const sent = new Set<string>();
  const acknowledged = new Set<string>();
  const refusals = new Set<string>();
  const answers = new EventEmitter<{ acknowledged: []; refused: [] }>();
  let stopping = false;
  let lastAnswer = NO_ANSWER;

  async function send(sender: number): Promise<void> {
    let resource = event('task.added').resource;
    let count = 0;
    while (!stopping) {
      await setTimeout(Math.random() * PAUSE_MS);
      const port = portOf(sender);
      if (port === undefined) continue;
      if (count % DELIVERIES_PER_RESOURCE === 0) resource = event('task.added').resource;
      const events = Array.from({ length: EVENTS_EACH }, (_, index) =>
        event('task.changed.assignee', {
          resource,
          change: {
            field: 'assignee',
            action: 'changed',
            new_value: { gid: String(count * EVENTS_EACH + index), resource_type: 'user' },
          },
        }),
      );
      count++;
      const ids = events.map(idOf);
      for (const id of ids) sent.add(id);
      const request = delivery(events, { secret }).toFetch(`http://127.0.0.1:${port}/`);
      try {
        const response = await fetch(request, { signal: AbortSignal.timeout(answeredWithinMs) });
        if (response.status === 200) for (const id of ids) acknowledged.add(id);
        lastAnswer = `${response.status} ${await response.text()}`;
        if (response.status !== 200) refusals.add(lastAnswer);
        answers.emit(response.status === 200 ? 'acknowledged' : 'refused');
      } catch (error) {
        // Else its receiver was killed: this delivery may have been kept or not.
        if ((error as Error).name !== 'TimeoutError') continue;
        lastAnswer = NO_ANSWER;
        refusals.add(NO_ANSWER);
        answers.emit('refused');
      }
    }
  }

  const running = Promise.all(Array.from({ length: senders }, (_, sender) => send(sender)));

  return {
    sent,
    acknowledged,
    refusals,

    async progress(deliveries, signal) {
      try {
        for (let left = deliveries; left > 0; left--) await once(answers, 'acknowledged', { signal });
      } catch (cause) {
        throw new Error(`Too few deliveries were answered 200; the last answer was: ${lastAnswer}`, {
          cause,
        });
      }
    },

    async refusal(signal) {
      try {
        await once(answers, 'refused', { signal });
      } catch (cause) {
        throw new Error('No delivery was refused', { cause });
      }
    },

    async stop() {
      stopping = true;
      await running;
    },
  };
}
