import type { Asana } from '../create-asana.js';
import type { Answer } from './create-poster.js';

/** What came of a handshake. */
export type HandshakeOutcome = 'completed' | 'secret_not_echoed' | { readonly wrongStatus: number };

export interface Handshake {
  /** Gid that the webhook will have. */
  readonly webhook: string;
  readonly target: string;
  readonly secret: string;
}

/** Asks a target whether it wants the deliveries: it must answer 200 or 204 with the secret in the same header. */
export async function sendHandshake(handshake: Handshake, asana: Asana): Promise<HandshakeOutcome> {
  const { target, secret } = handshake;
  const { knobs, poster, timeline, log, random } = asana;
  const body =
    knobs.handshakeBody === 'mixed' ? random.pick(['empty', '{}', '{"events":[]}']) : knobs.handshakeBody;
  const { handshakeContentType: type } = knobs;
  const contentType = type === 'mixed' ? random.pick(['application/json', 'absent']) : type;
  const parcel = {
    target,
    headers: {
      'x-hook-secret': secret,
      ...(contentType === 'absent' ? {} : { 'content-type': contentType }),
      ...(knobs.userAgent === undefined ? {} : { 'user-agent': knobs.userAgent }),
    },
    body: body === 'empty' ? '' : body,
    deadlineMs: knobs.handshakeDeadlineMs,
  };
  const sentAt = new Date(timeline.now()).toISOString();
  const answer = await poster.post(parcel);
  const sent = {
    webhook: handshake.webhook,
    target,
    sentAt,
    headers: parcel.headers,
    body: parcel.body,
    answer,
  };
  log.add({ kind: 'handshake', ...sent, events: [], retry: 0, faults: [], forged: false });
  return judge(answer, secret);
}

/** A wrong status is named before a missing secret: real refusals of receivers that answered 401 say so. */
function judge(answer: Answer, secret: string): HandshakeOutcome {
  if ('failure' in answer) return 'secret_not_echoed';
  if (answer.status !== 200 && answer.status !== 204) return { wrongStatus: answer.status };
  return answer.headers['x-hook-secret'] === secret ? 'completed' : 'secret_not_echoed';
}
