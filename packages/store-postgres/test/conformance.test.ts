import { randomUUID } from 'node:crypto'
import { after, before, describe } from 'node:test'
import { type Expiry, storeConformance } from '@gatehouse/testkit'
import type { Store } from '@gatehouse/core'
import { type PostgresClient, postgresStore } from '../src/index.ts'
import { type Embedded, startEmbedded } from './support/pglite.ts'
import { type PostgresServer, skip, startPostgres } from './support/postgres.ts'

/** When the suite looks: the clock of the stores that follow one. */
type Now = () => number

/** All rows of the tables, whoever's they are. */
async function kept(client: PostgresClient, now: Now): Promise<readonly Expiry[]> {
  const { rows } = await client.query(
    `select key || kind::text as key, expires_ms::text as until from gatehouse_counters
     union all select key || 'r', expires_ms::text from gatehouse_records`,
  )
  return (rows as readonly { readonly key: string; readonly until: string }[]).map(({ key, until }) => ({
    key,
    ttlMs: Number(until) - now(),
  }))
}

describe('on PGlite', () => {
  let database: Embedded
  let now: Now = Date.now
  before(async () => {
    database = await startEmbedded()
    await postgresStore({ pool: database }).install()
  })
  after(() => database.close())

  storeConformance({
    name: 'postgres on PGlite',
    async make(clock) {
      now = () => clock.now()
      await database.query('truncate gatehouse_counters, gatehouse_records')
      return postgresStore({ pool: database, clock })
    },
    follows: ['counters', 'blocks', 'records'],
    expiries: () => kept(database, () => now()),
    traces: 8,
  })
})

describe('on a server', { skip }, () => {
  let server: PostgresServer
  let pool: ReturnType<PostgresServer['pool']>
  before(async () => {
    server = await startPostgres()
    pool = server.pool({ max: 20 })
    await postgresStore({ pool }).install()
  })
  after(() => server.stop())

  storeConformance({
    name: 'postgres',
    make: (clock) => postgresStore({ pool, clock, prefix: randomUUID() }),
    follows: ['counters', 'blocks', 'records'],
    traces: 20,
  })

  storeConformance({
    name: 'postgres, by the clock of the server',
    make: (): Store => postgresStore({ pool, prefix: randomUUID() }),
  })
})
