import type { AdapterCase } from './adapter-battery/adapter-case.js';
import { bodyCases } from './adapter-battery/body-cases.js';
import { handlingCases } from './adapter-battery/handling-cases.js';
import { handshakeCases } from './adapter-battery/handshake-cases.js';
import { hostCases } from './adapter-battery/host-cases.js';
import { signatureCases } from './adapter-battery/signature-cases.js';
import { uploadCases } from './adapter-battery/upload-cases.js';
import { windowCases } from './adapter-battery/window-cases.js';

/**
 * What every adapter must do: the inputs that broke published receivers, over real sockets, with the same outcome
 * everywhere. Cases are data, so any test runner can run them.
 *
 * @example
 * ```ts
 * for (const { title, run } of adapterBattery) test(title, () => run({ serve }));
 * ```
 */
export const adapterBattery: readonly AdapterCase[] = [
  ...handshakeCases,
  ...windowCases,
  ...signatureCases,
  ...bodyCases,
  ...uploadCases,
  ...handlingCases,
  ...hostCases,
];
