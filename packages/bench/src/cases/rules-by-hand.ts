import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type RawDelivery, verify } from '@hookshake/core';
import type { CaseContext, RunningCase } from '../case.js';
import { ONLY_HOOK } from '../hooks.js';
import { listening } from '../listening.js';
import { MOUNT, SECRET } from '../schemes.js';

const FORGOTTEN_AFTER_MS = 10;
const ANSWER_WITHIN_MS = 9_000;
const SLOW_UPLOAD_MS = 1_000;
const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MAX_KEPT_BYTES = 64 * 1024 * 1024;
const MAX_KEPT = 1_000_000;
const MAX_HANDLING = 1_000;

const SIGNATURE = /^[0-9a-f]{64}$/;
const HOOK_ID = /^[A-Za-z0-9._~-]+(?:\/[A-Za-z0-9._~-]+)*$/;
const DOT_SEGMENT = /(?:^|\/)\.{1,2}(?:\/|$)/;
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

interface Deadline {
  readonly since: number;
  giveUp: (() => void) | undefined;
}

/**
 * What accepts a delivery and keeps what hookshake promises of one: a hook has secrets of its own, an answer is due in
 * time, everything has a bound, and a delivery has an id. Nothing of it can be exchanged, and a body has to come whole.
 */
export async function startRulesByHand(_context: CaseContext): Promise<RunningCase> {
  const secrets = new Map([[ONLY_HOOK, [SECRET]]]);
  const going = new Set<Deadline>();
  const prefix = randomUUID().slice(0, 24);
  let kept: RawDelivery[] = [];
  let keptBytes = 0;
  let accepted = 0;
  let handling = 0;
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<void> | undefined;

  setInterval(() => {
    kept = [];
    keptBytes = 0;
  }, FORGOTTEN_AFTER_MS).unref();

  async function keep(delivery: RawDelivery): Promise<void> {
    if (kept.length >= MAX_KEPT || keptBytes + delivery.body.length > MAX_KEPT_BYTES) throw new Error('full');
    kept.push(delivery);
    keptBytes += delivery.body.length;
  }

  function watch(): void {
    timer = undefined;
    for (const { since, giveUp } of going) {
      const remainingMs = since + ANSWER_WITHIN_MS - performance.now();
      if (remainingMs > 0) {
        timer = setTimeout(watch, remainingMs).unref();
        return;
      }
      giveUp?.();
    }
  }

  async function judge(request: IncomingMessage, deadline: Deadline): Promise<number> {
    const { method, url = '', headers } = request;
    if (method !== 'POST') return 405;
    if (!url.startsWith(MOUNT)) return 404;
    const query = url.indexOf('?');
    const hookId = url.slice(MOUNT.length + 1, query === -1 ? undefined : query) || ONLY_HOOK;
    if (hookId.length > 200 || !HOOK_ID.test(hookId) || DOT_SEGMENT.test(hookId)) return 401;

    if (headers['x-hook-secret'] !== undefined) return 403;
    const signature = headers['x-hook-signature'];
    if (typeof signature !== 'string' || !SIGNATURE.test(signature)) return 401;
    // The body of a small request is there once something was waited for, as every store has to be.
    const held = await secrets.get(hookId);
    if (held === undefined) return 401;

    const length = Number(headers['content-length']);
    if (length > MAX_BODY_BYTES) return 413;
    if (request.readableLength !== length) return 408;
    const body: Buffer = request.read();
    if (performance.now() - deadline.since >= SLOW_UPLOAD_MS) return 503;
    if (!verify(body, signature, held)) return 401;

    if (handling >= MAX_HANDLING) return 503;
    const id = `${prefix}${(accepted++).toString(16).padStart(12, '0')}`;
    const { traceparent: trace } = headers;
    const traceparent = typeof trace === 'string' && TRACEPARENT.test(trace) ? trace : undefined;
    const keeping = keep({ id, hookId, receivedAtMs: Date.now(), body, traceparent });
    handling++;
    try {
      await new Promise<void>((resolve, reject) => {
        deadline.giveUp = () => reject(new Error('late'));
        keeping.then(resolve, reject);
        if (timer === undefined) watch();
      });
      return 200;
    } finally {
      handling--;
    }
  }

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    turn ??= new Promise((resolve) => {
      setImmediate(() => {
        turn = undefined;
        resolve();
      });
    });
    const endOfTurn = turn;
    const deadline: Deadline = { since: performance.now(), giveUp: undefined };
    going.add(deadline);
    let status: number;
    try {
      status = await judge(request, deadline);
    } catch {
      status = 503;
    } finally {
      going.delete(deadline);
    }
    await endOfTurn;
    response.statusCode = status;
    response.end();
    if (!request.readableEnded) request.resume();
  }

  const server = await listening((request, response) => void receive(request, response));
  return { server, kept: async () => accepted };
}
