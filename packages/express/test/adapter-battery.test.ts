import { adapterBattery } from '@hookshake/testing';
import { describe, test } from 'vitest';
import { expressAdapter, versions } from './express-adapter.js';

describe.each(versions)('%s', (_name, express) => {
  const adapter = expressAdapter(express);
  for (const { title, run } of adapterBattery) test(title, () => run(adapter));
});
