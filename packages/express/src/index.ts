export { type HookshakeOptions, hookshake } from './hookshake.js';
export { keepRawBody } from './keep-raw-body.js';
