import type { FaultName, Faults } from '../create-faults.js';
import type { Random } from '../create-random.js';
import type { Knobs } from '../resolve-options.js';
import type { Webhook } from '../webhooks/webhook.js';
import type { AsanaEvent } from '../world/asana-event.js';
import type { Parcel } from './create-poster.js';
import { sign } from './sign.js';
import { writeEvents, writeOddly } from './write-events.js';

/** One delivery, written and signed, with the faults that strike it. */
export interface Letter {
  readonly events: readonly AsanaEvent[];
  readonly parcel: Parcel;
  readonly faults: readonly FaultName[];
}

export interface LetterWriting {
  readonly knobs: Knobs;
  readonly faults: Faults;
  readonly random: Random;
}

/** Writes a delivery of these events to the webhook; of none, a heartbeat, which faults spare. */
export function writeLetter(webhook: Webhook, events: readonly AsanaEvent[], writing: LetterWriting): Letter {
  const { knobs, random } = writing;
  const strike = (name: FaultName) =>
    events.length === 0 ? undefined : writing.faults.take(name, webhook.gid);
  const slow = strike('slow');
  const struck = [slow, strike('cut'), strike('odd-json'), strike('duplicate'), strike('repeat')];
  const faults = struck.flatMap((fault) => (fault === undefined ? [] : [fault.fault]));
  const body = faults.includes('odd-json') ? writeOddly(events, random) : writeEvents(events, random);
  const signature = sign(body, webhook.secret);
  const parcel = {
    target: webhook.target,
    headers: {
      'content-type': 'application/json',
      'x-hook-signature': signature,
      ...(knobs.requestSignature ? { 'x-asana-request-signature': signature } : {}),
      ...(knobs.userAgent === undefined ? {} : { 'user-agent': knobs.userAgent }),
    },
    body,
    deadlineMs: knobs.deadlineMs,
    pauseMs: slow?.ms,
    cut: faults.includes('cut'),
  };
  return { events, parcel, faults };
}
