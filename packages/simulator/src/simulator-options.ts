import type { Delivery } from './delivery/create-delivery-log.js';

/**
 * Where Asana's behaviour has a source, the default follows it. Where it has none, the option is a knob and
 * says "unsourced"; the default is then the one that is harder on a receiver.
 */
export interface SimulatorOptions {
  /**
   * Allows targets on localhost, private networks and single-label hosts, which Asana answers with 403.
   * @defaultValue false
   */
  readonly allowLocalTargets?: boolean | undefined;
  /**
   * Allows `http:` targets. Unsourced; an Asana employee's sample of 2019 uses one.
   * @defaultValue true
   */
  readonly allowHttpTargets?: boolean | undefined;
  /**
   * Fixes gids, tokens, secrets, key order, batch sizes: the same calls then give the same bytes.
   * @defaultValue 1
   */
  readonly seed?: number | undefined;
  /**
   * `moved`: time stands still but for `advance`, and deliveries wait for `flush`. `running`: time also passes
   * by itself, and deliveries leave by themselves.
   * @defaultValue 'moved'
   */
  readonly clock?: 'moved' | 'running' | undefined;
  /**
   * When the simulated time begins.
   * @defaultValue 2026-01-05T09:00:00Z for a moved clock, so that runs repeat; the present for a running one
   */
  readonly startAt?: Date | undefined;
  /**
   * Called for each request that was sent to a target, once its answer is known; for printing.
   * @defaultValue nobody is told
   */
  readonly onDelivery?: ((delivery: Delivery) => void) | undefined;

  /**
   * Body of the handshake. Unsourced: captures and samples disagree.
   * @defaultValue 'mixed', each form from time to time
   */
  readonly handshakeBody?: 'empty' | '{}' | '{"events":[]}' | 'mixed' | undefined;
  /**
   * Content type of the handshake. Unsourced.
   * @defaultValue 'mixed', with and without
   */
  readonly handshakeContentType?: 'application/json' | 'absent' | 'mixed' | undefined;
  /**
   * Real time a target has for answering the handshake. 1 to 600,000. Unsourced: the limit for deliveries is taken.
   * @defaultValue 10_000
   */
  readonly handshakeDeadlineMs?: number | undefined;
  /**
   * Length of secrets. Both occur in captures.
   * @defaultValue 'mixed'
   */
  readonly secretDigits?: 32 | 64 | 'mixed' | undefined;

  /**
   * Real time a target has for answering a delivery. 1 to 600,000.
   * @defaultValue 10_000, documented by Asana
   */
  readonly deadlineMs?: number | undefined;
  /**
   * Simulated time between a change and its delivery. Asana: a minute on average.
   * @defaultValue 0
   */
  readonly latencyMs?: number | undefined;
  /**
   * Most events in one delivery. Unsourced; Asana's polling gives at most 100.
   * @defaultValue 100
   */
  readonly maxEventsPerDelivery?: number | undefined;
  /**
   * How full a delivery is when enough events wait: `drawn` splits them at random points, `full` never does.
   * Unsourced.
   * @defaultValue 'drawn'
   */
  readonly deliverySize?: 'drawn' | 'full' | undefined;
  /**
   * Deliveries in flight to one webhook at a time, while it answers well. Unsourced.
   * @defaultValue 2
   */
  readonly parallelDeliveries?: number | undefined;
  /**
   * Requests in flight to all targets together: a bound for your machine, not a fact about Asana.
   * @defaultValue 64
   */
  readonly concurrency?: number | undefined;
  /**
   * Whether a retry sends the same bytes again or carries events that arose meanwhile, too. Unsourced.
   * @defaultValue 'newer'
   */
  readonly retryCarries?: 'newer' | 'same' | undefined;
  /**
   * Simulated delay before the first retry; each further one doubles it. Asana publishes no schedule.
   * @defaultValue 60_000
   */
  readonly firstRetryMs?: number | undefined;
  /**
   * Where the doubling ends. Asana: after an outage of an hour, delivery resumes within about an hour.
   * @defaultValue 3_600_000
   */
  readonly maxRetryMs?: number | undefined;
  /**
   * Statuses that count as success; redirects are never followed.
   * @defaultValue [200, 204], documented by Asana; the effect of any other is unsourced
   */
  readonly successStatuses?: readonly number[] | undefined;
  /**
   * Deletes a webhook whose target answers 410, as REST Hooks do. Unsourced for Asana.
   * @defaultValue false
   */
  readonly deleteOnGone?: boolean | undefined;
  /**
   * Sets `active` to false (nothing is sent any more) after failing for so long. Unsourced.
   * @defaultValue Infinity, never
   */
  readonly inactiveAfterMs?: number | undefined;
  /**
   * Failing for so long deletes the webhook.
   * @defaultValue 86_400_000, documented by Asana
   */
  readonly deleteAfterMs?: number | undefined;
  /**
   * What `deleteAfterMs` counts from. Unsourced.
   * @defaultValue 'first-failure'
   */
  readonly deletionCountsFrom?: 'first-failure' | 'last-success' | undefined;
  /**
   * Simulated time between heartbeats.
   * @defaultValue 28_800_000 (8 hours), documented by Asana
   */
  readonly heartbeatEveryMs?: number | undefined;
  /**
   * When the heartbeat at creation is sent. `never` makes the handshake count as the first success.
   * @defaultValue 'before-answer': real answers to the creation show a success
   */
  readonly firstHeartbeat?: 'before-answer' | 'after-answer' | 'never' | undefined;
  /**
   * Also sends the signature as `X-Asana-Request-Signature`, as a capture of 2021 does.
   * @defaultValue false
   */
  readonly requestSignature?: boolean | undefined;
  /**
   * `User-Agent` of what is sent. Unsourced.
   * @defaultValue none
   */
  readonly userAgent?: string | undefined;
  /**
   * Adds the story that Asana writes beside a completed, assigned, rescheduled or added task.
   * @defaultValue true
   */
  readonly systemStories?: boolean | undefined;

  /**
   * Webhooks on one resource, over all apps.
   * @defaultValue 1_000, documented by Asana
   */
  readonly webhooksPerResource?: number | undefined;
  /**
   * Webhooks of one user and app.
   * @defaultValue 10_000, documented by Asana
   */
  readonly webhooksPerUserAndApp?: number | undefined;
  /**
   * Calls per token and simulated minute, answered 429 beyond. Asana: 150 in free domains, 1,500 in paid ones.
   * @defaultValue Infinity, since the minute of a moved clock never ends by itself
   */
  readonly requestsPerMinute?: number | undefined;
  /**
   * Most webhooks on a page of the list when the caller sets no `limit`. 1 to 100. Unsourced.
   * @defaultValue 100
   */
  readonly defaultPageSize?: number | undefined;
  /**
   * Status of the refusal of filters on a larger scope. Unsourced.
   * @defaultValue 400
   */
  readonly filterErrorStatus?: 400 | 403 | undefined;
  /**
   * Status of a creation for a resource that does not exist. Unsourced.
   * @defaultValue 400
   */
  readonly unknownResourceStatus?: 400 | 404 | undefined;
  /**
   * Message of the 403 for a local target. Asana's wording is not known.
   * @defaultValue a sentence of our own
   */
  readonly localTargetMessage?: string | undefined;
  /**
   * How many entries `deliveries()` keeps; the oldest go first.
   * @defaultValue 10_000
   */
  readonly keepDeliveries?: number | undefined;
}
