import { memoryInbox, memorySecrets, type ReceiverOptions } from '@hookshake/core';
import { handlerBattery } from '@hookshake/testing';
import { describe, it } from 'vitest';

const homes: Readonly<Record<string, () => ReceiverOptions>> = {
  'no inbox': () => ({ secrets: memorySecrets() }),
  'memoryInbox()': () => ({ secrets: memorySecrets(), inbox: memoryInbox() }),
};

describe.each(Object.entries(homes))('handlers with %s', (_name, open) => {
  it.each(handlerBattery)('$title', ({ run }) => run(open));
});
