import { readFileSync } from 'node:fs';

/** A delivery that Asana once sent and somebody published. */
export interface CapturedDelivery {
  readonly id: string;
  /** The repository, file and commit it was found in. */
  readonly source: string;
  /** The webhook's secret, or `null` where it was not published. */
  readonly secret: string | null;
  /** The body; all of it is ASCII. */
  readonly body: string;
  /** The `X-Hook-Signature` it came with, or `null` where it was not published. */
  readonly signature: string | null;
  /** What was delivered, in words. */
  readonly kind: string;
  /** How far the bytes can be trusted. */
  readonly provenance: string;
}

/** Real deliveries, for tests and demonstrations. Those with a secret and a signature verify byte for byte. */
export const capturedDeliveries: readonly CapturedDelivery[] = JSON.parse(
  readFileSync(new URL('../data/captured-deliveries.json', import.meta.url), 'utf8'),
);
