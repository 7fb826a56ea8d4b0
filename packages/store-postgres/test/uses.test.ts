import { after, before, describe, test } from 'node:test'
import { storeUses } from '../../core/test/support/store-uses.ts'
import { postgresStore } from '../src/index.ts'
import { type PostgresServer, skip, startPostgres } from './support/postgres.ts'

describe('two gates on one server', { skip }, () => {
  let server: PostgresServer
  before(async () => {
    server = await startPostgres()
    await postgresStore({ pool: server.pool() }).install()
  })
  after(() => server.stop())

  const uses = storeUses('postgres', () => ({
    stores: [postgresStore({ pool: server.pool() }), postgresStore({ pool: server.pool() })],
    close: () => undefined,
  }))
  for (const { title, run } of uses) test(title, run)
})
