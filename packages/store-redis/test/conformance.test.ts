import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Store } from '@gatehouse/core'
import { redisStore, type RedisStoreOptions } from '@gatehouse/store-redis'
import { type Expiry, storeChecks, type StoreConformanceOptions } from '@gatehouse/testkit'
import { CLIENTS, type Opened } from './support/clients.ts'
import { type Server, skip, startServer } from './support/servers.ts'

/** Here, and not in the suite, so that the tests are counted as those of this file. */
function conform(options: StoreConformanceOptions): void {
  describe(options.name, () => {
    for (const { title, run } of storeChecks(options)) test(title, run)
  })
}

describe('the contract, on a server', { skip }, () => {
  let server: Server
  const opened = new Map<string, Opened>()
  let made = 0

  before(async () => {
    server = await startServer()
    for (const [name, open] of Object.entries(CLIENTS)) opened.set(name, await open(server.port))
  })
  after(async () => {
    for (const { end } of opened.values()) end()
    await server.stop()
  })

  /** A store that knows nothing yet. */
  const fresh = (name: string, options: Omit<RedisStoreOptions, 'client'>): Store => {
    const { client } = opened.get(name) ?? assert.fail(name)
    return redisStore({ client, prefix: `conformance-${made++}`, ...options })
  }

  async function expiries(): Promise<readonly Expiry[]> {
    const keys = (await server.ask('KEYS', `{conformance-${made - 1}*`)) as readonly string[]
    return Promise.all(
      keys.map(async (key) => {
        const ttlMs = Number(await server.ask('PTTL', key))
        return { key, ttlMs: ttlMs < 0 ? undefined : ttlMs }
      }),
    )
  }

  // By the clock of the server, with all defaults.
  for (const name of Object.keys(CLIENTS)) {
    conform({ name, make: () => fresh(name, {}), expiries })
  }

  // By the clock of the suite: to the millisecond. The numbers of a call that is refused here are those of then.
  for (const spread of [1, 16]) {
    conform({
      name: `ioredis, ${spread} hash tags, on a clock`,
      make: (clock) => fresh('ioredis', { clock, spread, denyCache: false }),
      follows: ['counters', 'blocks'],
      traces: 30,
    })
  }
})
