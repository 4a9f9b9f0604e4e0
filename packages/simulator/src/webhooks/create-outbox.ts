import type { Appointment } from '../create-agenda.js';
import type { Asana } from '../create-asana.js';
import type { Answer } from '../delivery/create-poster.js';
import { type Letter, writeLetter } from '../delivery/write-letter.js';
import type { AsanaEvent } from '../world/asana-event.js';
import { isSuccess, noteFailure, noteRecovery, noteSuccess } from './keep-health.js';
import type { Webhook } from './webhook.js';

/** What waits to be delivered to one webhook, and the delivering: batches, heartbeats, retries, the end. */
export interface Outbox {
  add(event: AsanaEvent): void;
  /** Begins the heartbeats. Resolves once the first one is answered, where it comes before the 201. */
  open(): Promise<void>;
  close(): void;
}

/**
 * Delivers in rounds: some letters leave together, and what they met is noted once all are answered, in the
 * order in which they were written. So a seed gives the same bytes however fast the target answers.
 * While the webhook fails, a round is a single letter.
 */
export function createOutbox(webhook: Webhook, asana: Asana): Outbox {
  const { knobs, timeline, faults, poster, log } = asana;
  const random = asana.random.fork(`outbox ${webhook.gid}`);
  /** Events that were never tried, and before them those that failed. */
  let waiting: AsanaEvent[] = [];
  /** Letters that failed and are to be sent again byte for byte (`retryCarries: 'same'`). */
  const held: Letter[] = [];
  /** Delivered events that a fault makes come again before newer ones. */
  let repeated: readonly AsanaEvent[] = [];
  let heartbeatOwed = false;
  let underway = false;
  let closed = false;
  let nextRound: Appointment | undefined;
  let nextHeartbeat: Appointment | undefined;
  let deletion: Appointment | undefined;

  function add(event: AsanaEvent): void {
    if (closed || !webhook.active) return;
    waiting.push(event);
    plan(timeline.now() + knobs.latencyMs);
  }

  async function open(): Promise<void> {
    planHeartbeat(webhook.createdAt + knobs.heartbeatEveryMs);
    if (knobs.firstHeartbeat === 'never') noteSuccess(webhook, timeline.now());
    else heartbeatOwed = true;
    if (knobs.firstHeartbeat === 'before-answer') await deliverRound();
    else plan(timeline.now());
  }

  function planHeartbeat(time: number): void {
    nextHeartbeat = timeline.at(time, () => {
      heartbeatOwed = true;
      plan(time);
      planHeartbeat(time + knobs.heartbeatEveryMs);
    });
  }

  /** Books the next round, unless one is booked or under way or there is nothing to send. */
  function plan(time: number): void {
    const isIdle = waiting.length === 0 && held.length === 0 && !heartbeatOwed;
    if (closed || !webhook.active || underway || nextRound !== undefined || isIdle) return;
    nextRound = timeline.at(webhook.nextAttemptAfter ?? time, deliverRound);
  }

  async function deliverRound(): Promise<void> {
    nextRound = undefined;
    underway = true;
    const retry = webhook.failingSince === null ? 0 : webhook.deliveryRetryCount + 1;
    const sentAt = new Date(timeline.now()).toISOString();
    const round = writeRound();
    const answers = await Promise.all(round.map((letter) => post(letter)));
    underway = false;
    for (const [index, letter] of round.entries()) {
      for (const answer of answers[index] ?? []) record(letter, answer, sentAt, retry);
    }
    if (closed) return;
    settle(round.map((letter, index) => ({ letter, answer: answers[index]?.[0] })));
    plan(timeline.now());
  }

  function writeRound(): Letter[] {
    const isFailing = webhook.failingSince !== null;
    const width = isFailing ? 1 : knobs.parallelDeliveries;
    const letters = held.splice(0, width);
    if (waiting.length > 1 && faults.take('reorder', webhook.gid) !== undefined) waiting.reverse();
    while (letters.length < width && waiting.length > 0) letters.push(write(takeBatch(isFailing)));
    if (letters.length === 0 || (heartbeatOwed && !isFailing)) {
      heartbeatOwed = false;
      letters.push(write([]));
    }
    return letters;
  }

  function takeBatch(isFailing: boolean): AsanaEvent[] {
    const most = knobs.maxEventsPerDelivery;
    const size = isFailing || knobs.deliverySize === 'full' ? most : 1 + random.below(most);
    const batch = [...repeated, ...waiting.splice(0, size)];
    repeated = [];
    return batch;
  }

  function write(events: readonly AsanaEvent[]): Letter {
    return writeLetter(webhook, events, { knobs, faults, random });
  }

  /** The answer that counts, and perhaps that to a copy. */
  function post({ parcel, faults: struck }: Letter): Promise<Answer[]> {
    const copies = struck.includes('duplicate') ? [parcel, parcel] : [parcel];
    return Promise.all(copies.map((copy) => poster.post(copy)));
  }

  function record(
    { events, parcel, faults: struck }: Letter,
    answer: Answer,
    sentAt: string,
    retry: number,
  ): void {
    const { target, headers, body } = parcel;
    const kind = events.length === 0 ? 'heartbeat' : 'events';
    const what = { kind, webhook: webhook.gid, target, sentAt, headers, body, events } as const;
    log.add({ ...what, retry, faults: struck, forged: false, answer });
  }

  function settle(round: readonly { letter: Letter; answer: Answer | undefined }[]): void {
    const now = timeline.now();
    const failed: Letter[] = [];
    let reason: Answer | undefined;
    for (const { letter, answer } of round) {
      if (answer !== undefined && isSuccess(answer, knobs)) {
        noteSuccess(webhook, now);
        if (letter.faults.includes('repeat')) repeated = [...repeated, ...letter.events];
      } else {
        failed.push(letter);
        reason ??= answer;
      }
    }
    if (reason === undefined) recover();
    else fail(failed, reason, now);
  }

  function recover(): void {
    noteRecovery(webhook);
    deletion?.cancel();
    deletion = undefined;
  }

  function fail(letters: readonly Letter[], reason: Answer, now: number): void {
    noteFailure(webhook, reason, now, knobs);
    if (knobs.retryCarries === 'same') held.unshift(...letters);
    else waiting = [...letters.flatMap(({ events }) => events), ...waiting];
    if (waiting.length === 0 && held.length === 0) heartbeatOwed = true;
    const isGone = knobs.deleteOnGone && 'status' in reason && reason.status === 410;
    const end = isGone ? now : webhook.failureDeletionAt;
    if (end !== null && (isGone || deletion === undefined)) {
      deletion = timeline.at(end, () => asana.registry.remove(webhook));
    }
  }

  function close(): void {
    closed = true;
    for (const appointment of [nextRound, nextHeartbeat, deletion]) appointment?.cancel();
  }

  return { add, open, close };
}
