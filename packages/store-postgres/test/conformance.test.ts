import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { Store } from '@gatehouse/core'
import { storeChecks, type StoreConformanceOptions } from '@gatehouse/testkit'
import { postgresStore } from '../src/index.ts'
import { type PostgresServer, skip, startPostgres } from './support/postgres.ts'

/** Here, and not in the suite, so that the tests are counted as those of this file. */
function conform(options: StoreConformanceOptions): void {
  for (const { title, run } of storeChecks(options)) test(title, run)
}

describe('on a server', { skip }, () => {
  let server: PostgresServer
  let pool: ReturnType<PostgresServer['pool']>
  before(async () => {
    server = await startPostgres()
    pool = server.pool({ max: 20 })
    await postgresStore({ pool }).install()
  })
  after(() => server.stop())

  conform({
    name: 'postgres',
    make: (clock) => postgresStore({ pool, clock, prefix: randomUUID() }),
    follows: ['counters', 'blocks', 'records'],
    traces: 12,
  })

  conform({
    name: 'postgres, by the clock of the server',
    make: (): Store => postgresStore({ pool, prefix: randomUUID() }),
  })
})
