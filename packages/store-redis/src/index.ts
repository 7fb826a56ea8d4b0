/**
 * Counters and records of a Gatehouse gate in Redis or Valkey.
 *
 * @module
 */
export type { IoredisClient, NodeRedisClient, RedisClient } from './clients.ts'
export type { DenyCacheOptions, LeaseOptions, RedisStoreOptions } from './options.ts'
export { redisStore, type RedisStore } from './store.ts'
