import { adapterBattery } from '@hookshake/testing';
import { describe, expect, test } from 'vitest';
import { fetchAdapter } from './fetch-adapter.js';
import { nodeAdapter } from './node-adapter.js';

test('no two cases of the battery have the same title', () => {
  const titles = adapterBattery.map(({ title }) => title);
  expect(new Set(titles).size).toBe(titles.length);
});

describe.each([
  ['node:http', nodeAdapter],
  ['fetch, under the server of Hono', fetchAdapter],
])('%s', (_name, adapter) => {
  for (const { title, run } of adapterBattery) test(title, () => run(adapter));
});
