import type { Load } from './load.js';

/** What crash rounds have shown. */
export interface CrashReport {
  /** How many events were sent. */
  readonly sent: number;
  /** How many of them were in deliveries that were answered 200. */
  readonly acknowledged: number;
  /** The different answers other than 200 that deliveries got, each a status and a text; `no answer` for none in 15 s. */
  readonly refusals: readonly string[];
  /** How many different events were handled. */
  readonly handled: number;
  /** How many were handled again, which a crash in the middle of a handler allows. */
  readonly repeated: number;
  /** Events that were answered 200 and never handled: must be empty. */
  readonly lost: readonly string[];
  /** What was handled though it was never sent: must be empty. */
  readonly invented: readonly string[];
  /**
   * Events that were handled for the first time when a later one of their resource had been: must be empty where the
   * inbox is `ordered`.
   */
  readonly disordered: readonly string[];
}

/** @param log - All events in the order in which they were handled, each a resource and a number that grows. */
export function tally({ sent, acknowledged, refusals }: Load, log: readonly string[]): CrashReport {
  const handled = new Set(log);
  const last = new Map<string, number>();
  const disordered: string[] = [];
  for (const id of handled) {
    const [resource = '', number] = id.split(' ');
    if (Number(number) < (last.get(resource) ?? -1)) disordered.push(id);
    else last.set(resource, Number(number));
  }
  return {
    sent: sent.size,
    acknowledged: acknowledged.size,
    refusals: [...refusals],
    handled: handled.size,
    repeated: log.length - handled.size,
    lost: [...acknowledged].filter((id) => !handled.has(id)),
    invented: [...handled].filter((id) => !sent.has(id)),
    disordered,
  };
}
