import assert from 'node:assert/strict'
import { Cluster, Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { createClient, createCluster, createSentinel } from 'redis'
import { ConfigError, gatehouse } from '@gatehouse/core'
import { type RedisStore, redisStore } from '@gatehouse/store-redis'

// Clients of every kind, as their own types have them. None is connected, and no store connects one.
const address = { host: '127.0.0.1', port: 1 }
const stores: readonly RedisStore[] = [
  redisStore({ client: new Redis({ lazyConnect: true }) }),
  redisStore({ client: new Cluster([address], { lazyConnect: true }) }),
  redisStore({ client: new Valkey({ lazyConnect: true }), prefix: 'shop' }),
  redisStore({ client: createClient(), spread: 64 }),
  redisStore({ client: createClient({ RESP: 3 }), denyCache: false }),
  redisStore({ client: createCluster({ rootNodes: [{ socket: address }] }), lease: { share: 0.1 } }),
  redisStore({ client: createSentinel({ name: 'main', sentinelRootNodes: [address] }) }),
]
for (const store of stores) {
  assert.equal(store.name, 'redis')
  gatehouse({ hosts: ['api.example.com'], public: 'a test', store, rateLimit: { limit: 5, window: '1m' } })
}

// What is thrown is the error of the core that the application has: there is one copy of it.
// @ts-expect-error a URL is no client
assert.throws(() => redisStore({ client: 'redis://127.0.0.1' }), ConfigError)
