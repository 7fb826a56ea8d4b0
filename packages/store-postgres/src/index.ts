/**
 * Keeps the counters and records of a gate in PostgreSQL.
 *
 * @module
 */
export type { PostgresClient } from './client.ts'
export { postgresSchema, type PostgresSchemaOptions, type PostgresStoreOptions } from './options.ts'
export { type PostgresStore, postgresStore } from './store.ts'
