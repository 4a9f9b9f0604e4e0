import { acceptingCases } from './secret-store-battery/accepting.js';
import { forgettingCases } from './secret-store-battery/forgetting.js';
import { keepingCases } from './secret-store-battery/keeping.js';
import { racingCases } from './secret-store-battery/racing.js';
import { settlingCases } from './secret-store-battery/settling.js';
import type { SecretStoreCase } from './secret-store-battery/subject.js';
import { windowCases } from './secret-store-battery/windows.js';

export type {
  SecretStoreCase,
  SecretStoreSetup,
  SecretStoreSubject,
} from './secret-store-battery/subject.js';

/**
 * What every `SecretStore` must do, as data, so that any test runner can run it.
 *
 * @example
 * ```ts
 * for (const { title, run } of secretStoreBattery) {
 *   test(title, () =>
 *     run({
 *       create() {
 *         let now = 0;
 *         return { store: memorySecrets({ now: () => now }), advance: (ms) => void (now += ms) };
 *       },
 *     }),
 *   );
 * }
 * ```
 * @see docs/writing-a-store.md
 */
export const secretStoreBattery: readonly SecretStoreCase[] = [
  ...windowCases,
  ...acceptingCases,
  ...settlingCases,
  ...forgettingCases,
  ...keepingCases,
  ...racingCases,
];
