import { adapterBattery } from '@hookshake/testing';
import { describe, test } from 'vitest';
import { fastifyAdapter } from './fastify-adapter.js';

describe('Fastify 5', () => {
  for (const { title, run } of adapterBattery) test(title, () => run(fastifyAdapter));
});
