import { describe, expect, it } from 'vitest';
import { type RequestCode, requestOutcomes } from '../src/outcome.js';
import { responseFor } from '../src/respond.js';

const codes = Object.keys(requestOutcomes) as RequestCode[];

describe('the answer for each code', () => {
  it.each(codes)('%s begins with its code, in one short line, or is empty for success', (code) => {
    const { status, headers, body } = responseFor(code);
    if (status === 200) {
      expect([headers, body]).toEqual([{}, '']);
      return;
    }
    expect(body).toMatch(/^(?:not_verified|[a-z_]+): [^\n]{10,80}$/);
    expect(body.startsWith('not_verified: ') || body.startsWith(`${code}: `)).toBe(true);
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  it.each(codes)('%s asks to come back when it is our own trouble, and only then', (code) => {
    const { status, headers } = responseFor(code);
    expect('retry-after' in headers).toBe(status === 503);
    expect('allow' in headers).toBe(status === 405);
  });

  it('has the status that Asana acts upon', () => {
    const byStatus: Record<number, string[]> = {};
    for (const code of codes)
      byStatus[requestOutcomes[code].status] = [
        ...(byStatus[requestOutcomes[code].status] ?? []),
        code,
      ].toSorted();
    expect(byStatus).toEqual({
      200: [
        'delivery_handled',
        'delivery_stored',
        'delivery_unreadable',
        'handshake_accepted',
        'handshake_known',
        'heartbeat',
      ],
      400: ['body_aborted', 'handshake_malformed'],
      401: ['signature_malformed', 'signature_mismatch', 'unknown_hook'],
      403: ['handshake_full', 'handshake_refused'],
      405: ['method_not_allowed'],
      408: ['body_stalled'],
      413: ['body_too_large'],
      500: ['body_consumed', 'handler_failed', 'hook_id_failed', 'internal_error', 'mount_ambiguous'],
      503: [
        'closing',
        'deadline_exceeded',
        'handshake_rule_failed',
        'inbox_failed',
        'inbox_full',
        'not_confirmed',
        'overloaded',
        'store_failed',
      ],
    });
  });

  it('cannot be changed by whoever gets it', () => {
    const response = responseFor('closing');
    expect(Object.isFrozen(response)).toBe(true);
    expect(Object.isFrozen(response.headers)).toBe(true);
    expect(responseFor('handshake_accepted', 'a secret').headers).toEqual({ 'x-hook-secret': 'a secret' });
    expect(responseFor('handshake_accepted').headers).toEqual({});
  });
});
