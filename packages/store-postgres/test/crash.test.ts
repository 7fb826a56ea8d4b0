import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Charge } from '@gatehouse/core'
import { type PostgresStore, postgresStore } from '../src/index.ts'
import { type PostgresServer, skip, startPostgres } from './support/postgres.ts'

const charge: Charge = { key: 'a', quota: { limit: 50, windowMs: 3_600_000 }, cost: 1 }

type Told = 'admitted' | 'refused' | 'failed'

/** Asks for a charge, and notes what came of it. */
async function ask(store: PostgresStore, on: Charge, told: Told[] = []): Promise<Told> {
  const one = await store.take([on]).then(
    ([outcome]): Told => (outcome?.allowed === true ? 'admitted' : 'refused'),
    (): Told => 'failed',
  )
  told.push(one)
  return one
}

/** Load that goes on until it is stopped. */
function load(store: PostgresStore, on: Charge, told: Told[]): () => Promise<void> {
  const state = { stopped: false }
  const run = async (): Promise<void> => {
    while (!state.stopped) {
      await ask(store, on, told)
      await new Promise(setImmediate)
    }
  }
  const running = Promise.all([run(), run(), run(), run()])
  return async () => {
    state.stopped = true
    await running
  }
}

/** Waits for something that must come. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 20_000
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited for ${what}`)
    await new Promise((resolve) => {
      setTimeout(resolve, 10)
    })
  }
}

describe('a server that fails', { skip }, () => {
  let server: PostgresServer
  before(async () => {
    server = await startPostgres()
  })
  after(() => server.stop())

  for (const loggedCounters of [false, true]) {
    const name = loggedCounters ? 'logged' : 'unlogged'
    const install = async (): Promise<PostgresStore> => {
      const store = postgresStore({
        pool: server.pool({ connectionTimeoutMillis: 500 }),
        name,
        loggedCounters,
      })
      await store.install()
      return store
    }

    test(`RL-05, RL-08: of a server killed under load, with ${name} counters, ${loggedCounters ? 'the limit' : 'at most one limit more'} is admitted`, async () => {
      const store = await install()
      const told: Told[] = []
      const stop = load(store, charge, told)
      await until('the limit', async () => (await ask(store, charge, told)) === 'refused')
      await server.crash()
      // A connection of before may still be answered, for as long as its process has not seen that its parent is gone.
      await until('a rejection', async () => (await ask(store, charge, told)) === 'failed')
      await server.restart()
      await until('an answer', async () => (await ask(store, charge, told)) !== 'failed')
      await until('the limit', async () => (await ask(store, charge, told)) === 'refused')
      await stop()
      const admitted = told.filter((one) => one === 'admitted').length
      assert.ok(admitted > 40 && admitted <= (loggedCounters ? 50 : 100), `${admitted} admitted`)
    })

    test(`RL-30: records outlive a crash, with ${name} counters: what was used stays used, what was revoked stays revoked`, async () => {
      const store = await install()
      assert.equal(await store.add('proof', 'used', 3_600_000), true)
      await store.write('revoked', 'yes', 3_600_000)
      await server.crash()
      await server.restart()
      await until('an answer', async () => (await ask(store, { ...charge, key: 'b' })) !== 'failed')
      assert.equal(await store.add('proof', 'again', 3_600_000), false)
      assert.deepEqual(await store.read(['revoked', 'proof']), ['yes', 'used'])
    })
  }

  test('RL-08: a call whose connection is cut rejects, takes nothing, and the next one has another', async () => {
    const pool = server.pool({ max: 1 })
    const other = server.pool({ max: 2 })
    const store = postgresStore({ pool })
    await store.install()
    await store.take([charge])
    const holder = await other.connect()
    await holder.query('begin')
    await holder.query('select from gatehouse_counters for update')
    const asked = assert.rejects(store.take([charge]))
    await until('the call waits', async () => {
      const { rowCount } = await holder.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'`,
      )
      return rowCount === 1
    })
    await asked
    await holder.query('rollback')
    holder.release()
    const [outcome] = await store.take([charge])
    assert.deepEqual([outcome?.allowed, outcome?.remaining], [true, 48])
  })

  test('RL-08, RL-21: statement_timeout of the pool ends a call that waits too long, and it takes nothing', async () => {
    const store = postgresStore({ pool: server.pool({ statement_timeout: 100 }), prefix: 'slow' })
    await store.install()
    await store.take([charge])
    const holder = await server.pool({ max: 1 }).connect()
    await holder.query('begin')
    await holder.query('select from gatehouse_counters for update')
    await assert.rejects(store.take([charge]), { code: '57014' })
    await holder.query('rollback')
    holder.release()
    const [outcome] = await store.take([charge])
    assert.deepEqual([outcome?.allowed, outcome?.remaining], [true, 48])
  })
})
