import { checkCapturedDeliveries } from '../../testing/test/captured-delivery-checks.js';
import { fastifyAdapter } from './fastify-adapter.js';

checkCapturedDeliveries('Fastify 5', fastifyAdapter);
