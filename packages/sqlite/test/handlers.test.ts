import { handlerBattery } from '@hookshake/testing';
import { describe, it } from 'vitest';
import { sqlite } from '../src/index.js';
import { temporaryFolder } from './support/temporary-folder.js';

describe('handlers with sqlite()', () => {
  it.each(handlerBattery)('$title', ({ run }) => run(() => sqlite(temporaryFolder().path)));
});
