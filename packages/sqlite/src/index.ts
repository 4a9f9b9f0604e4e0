export { type Sqlite, type SqliteOptions, sqlite } from './sqlite.js';
