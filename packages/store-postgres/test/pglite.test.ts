import { after, before, describe, test } from 'node:test'
import { type Expiry, storeChecks, type StoreConformanceOptions } from '@gatehouse/testkit'
import { type PostgresClient, postgresStore } from '../src/index.ts'
import { type Embedded, startEmbedded } from './support/pglite.ts'

/** Here, and not in the suite, so that the tests are counted as those of this file. */
function conform(options: StoreConformanceOptions): void {
  for (const { title, run } of storeChecks(options)) test(title, run)
}

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

  conform({
    name: 'postgres on PGlite',
    async make(clock) {
      now = () => clock.now()
      await database.query('truncate gatehouse_counters, gatehouse_records')
      return postgresStore({ pool: database, clock })
    },
    follows: ['counters', 'blocks', 'records'],
    expiries: () => kept(database, () => now()),
    // It is slow; the traces on a server are many.
    traces: 2,
  })
})
