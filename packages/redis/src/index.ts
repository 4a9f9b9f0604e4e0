export { type RedisBackend, type RedisOptions, redis } from './redis.js';
