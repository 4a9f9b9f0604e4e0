import type { AdapterUnderTest } from './adapter-under-test.js';

/** One case of {@link adapterBattery}. */
export interface AdapterCase {
  /** What every adapter does: a sentence. */
  readonly title: string;
  /** Rejects with an `AssertionError` if the adapter does otherwise. */
  run(adapter: AdapterUnderTest): Promise<void>;
}
