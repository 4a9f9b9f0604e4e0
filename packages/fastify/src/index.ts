export { type HookshakeOptions, hookshake, hookshake as default } from './hookshake.js';
