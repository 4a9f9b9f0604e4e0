import { checkCapturedDeliveries } from './captured-delivery-checks.js';
import { fetchAdapter } from './fetch-adapter.js';
import { nodeAdapter } from './node-adapter.js';

checkCapturedDeliveries('node:http', nodeAdapter);
checkCapturedDeliveries('fetch', fetchAdapter);
