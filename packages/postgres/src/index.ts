export type { PostgresClient, PostgresPool } from './database.js';
export { type Postgres, type PostgresOptions, postgres } from './postgres.js';
