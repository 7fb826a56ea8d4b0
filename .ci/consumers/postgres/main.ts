import assert from 'node:assert/strict'
import pg from 'pg'
import { ConfigError, gatehouse } from '@gatehouse/core'
import { postgresSchema, type PostgresStore, postgresStore } from '@gatehouse/store-postgres'

// A pool and a client, as their own types have them. None is connected, and no store connects one.
const stores: readonly PostgresStore[] = [
  postgresStore({ pool: new pg.Pool({ host: '127.0.0.1', port: 1 }) }),
  postgresStore({ pool: new pg.Client({ host: '127.0.0.1', port: 1 }), schema: 'app', prefix: 'shop' }),
]
for (const store of stores) {
  assert.equal(store.name, 'postgres')
  gatehouse({ hosts: ['api.example.com'], public: 'a test', store, rateLimit: { limit: 5, window: '1m' } })
}
assert.match(postgresSchema({ schema: 'app' }), /"app"\."gatehouse_take"/)

// What is thrown is the error of the core that the application has: there is one copy of it.
// @ts-expect-error a URL is no pool
assert.throws(() => postgresStore({ pool: 'postgres://127.0.0.1' }), ConfigError)
