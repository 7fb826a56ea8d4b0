import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Algorithm, Charge, Outcome } from '@gatehouse/core'
import { type PostgresStore, postgresStore } from '../src/index.ts'
import { type PostgresServer, skip, startPostgres } from './support/postgres.ts'
import { order, startWorkers } from './support/workers.ts'

const HOUR = 3_600_000
const ALGORITHMS: readonly Algorithm[] = ['gcra', 'sliding-window', 'fixed-window']

describe('many at once', { skip }, () => {
  let server: PostgresServer
  let pool: ReturnType<PostgresServer['pool']>
  let store: PostgresStore
  before(async () => {
    server = await startPostgres()
    pool = server.pool({ max: 20 })
    store = postgresStore({ pool })
    await store.install()
  })
  after(() => server.stop())

  test('RL-05: of 200 requests at once in each of 4 processes, a limit of 50 admits exactly 50', async (t) => {
    const workers = await startWorkers(4, server.port)
    t.after(() => {
      for (const worker of workers) worker.kill('SIGKILL')
    })
    for (const algorithm of ALGORITHMS) {
      const charge: Charge = {
        key: `shared ${algorithm}`,
        quota: { limit: 50, windowMs: HOUR, algorithm },
        cost: 1,
      }
      const counts = await order(workers, { charge, times: 200 })
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        50,
        `${algorithm}: ${counts.join(' + ')}`,
      )
    }
  })

  test('RL-05, RL-07: 400 calls at once of several charges in any order wait for nobody who waits for them', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const quota = { limit: 100, windowMs: HOUR }
    const charges = names.map((key, index) => ({
      key,
      quota: { ...quota, algorithm: ALGORITHMS[index % 3] ?? 'gcra' },
      cost: 1,
    }))
    const calls = await Promise.all(
      Array.from({ length: 400 }, async (_, index): Promise<readonly Outcome[]> => {
        const turned = [...charges.slice(index % 6), ...charges.slice(0, index % 6)].slice(0, 4)
        return store.take(index % 2 === 0 ? turned : turned.reverse())
      }),
    )
    // Calls that wait for each other are ended by the server after a second, and reject.
    const taken = calls.filter((outcomes) => outcomes.every(({ allowed }) => allowed)).length
    const left = await store.peek(charges.map((charge) => ({ ...charge, cost: 1_000 })))
    const spent = left.reduce((sum, { remaining }) => sum + 100 - remaining, 0)
    assert.equal(spent, 4 * taken, 'all of a call was taken, or nothing')
    assert.ok(left.some(({ remaining }) => remaining === 0))
  })

  test('RL-05, RL-26: charges, changes, blocks, resets and the removal of what has expired wait for nobody who waits for them', async () => {
    const keys = Array.from({ length: 12 }, (_, index) => `${index}`)
    const quota = { limit: 5, windowMs: 20, algorithm: 'fixed-window' as const }
    const some = (index: number): readonly string[] =>
      [index, 7 * index + 3, 5 * index + 1].map((number) => keys[number % keys.length] ?? '')
    const calls: readonly ((index: number) => Promise<unknown>)[] = [
      async (index) => store.take(some(index).map((key) => ({ key, quota, cost: 1 }))),
      async (index) => store.adjust(some(index).map((key) => ({ key, quota, units: 1 - 2 * (index % 2) }))),
      async (index) => store.block(some(index), 5),
      async (index) => store.reset(some(index)),
      async (index) => store.add(`record ${index % 20}`, 'value', 5),
      // Some expire, long ago.
      async () => {
        await pool.query(
          'update gatehouse_counters set state[1] = 1 where key in (select key from gatehouse_counters limit 5 for update skip locked)',
        )
        return store.sweep()
      },
    ]
    const made = await Promise.all(
      Array.from({ length: 600 }, async (_, index) => calls[index % calls.length]?.(index)),
    )
    assert.equal(made.length, 600, 'none was ended by the server for waiting in a circle')
  })

  test('RL-05, RL-24: what a call has to wait for is decided by the time after it', async () => {
    const quota = { limit: 5, windowMs: HOUR }
    await store.take([{ key: 'held', quota, cost: 5 }])
    const holder = await pool.connect()
    await holder.query('begin')
    await holder.query('select from gatehouse_counters for update')
    const asked = store.take([{ key: 'held', quota, cost: 1 }])
    const { rows } = await holder.query<{ readonly now: string }>(
      'select pg_sleep(0.05), floor(extract(epoch from clock_timestamp()) * 1000)::bigint::text as now',
    )
    await holder.query('commit')
    holder.release()
    const [outcome] = await asked
    const told = await pool.query<{ readonly until: string }>(
      `select max(state[1])::text as until from gatehouse_counters where kind = 'g' and state[3] = 1`,
    )
    // The limit is whole again at a moment that is known; told was how far that was away when it was decided.
    assert.ok(outcome !== undefined && Number(told.rows[0]?.until) - outcome.resetMs >= Number(rows[0]?.now))
  })
})
