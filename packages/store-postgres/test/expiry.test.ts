import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { Algorithm } from '@gatehouse/core'
import { type MovableClock, movableClock } from '@gatehouse/testkit'
import { type PostgresStore, postgresStore } from '../src/index.ts'
import { type PostgresServer, skip, startPostgres } from './support/postgres.ts'

const MINUTE = 60_000
const ALGORITHMS: readonly Algorithm[] = ['gcra', 'sliding-window', 'fixed-window']
const quotaOf = (algorithm: Algorithm): { limit: number; windowMs: number; algorithm: Algorithm } => ({
  limit: 5,
  windowMs: MINUTE,
  algorithm,
})

describe('what is kept', { skip }, () => {
  let server: PostgresServer
  let pool: ReturnType<PostgresServer['pool']>
  let clock: MovableClock
  let store: PostgresStore
  before(async () => {
    server = await startPostgres()
    pool = server.pool()
    await postgresStore({ pool }).install()
  })
  beforeEach(async () => {
    await pool.query('truncate gatehouse_counters, gatehouse_records')
    clock = movableClock(Date.UTC(2026, 0, 1))
    store = postgresStore({ pool, clock })
  })
  after(() => server.stop())

  async function count(table: 'counters' | 'records'): Promise<number> {
    const { rowCount } = await pool.query(`select from gatehouse_${table}`)
    return rowCount ?? 0
  }

  test('RL-26: later calls remove what has expired, no more of it than they are worth', async () => {
    const fill = Array.from({ length: 200 }, (_, index) => `old ${index}`)
    for (const key of fill) await store.take([{ key, quota: quotaOf('gcra'), cost: 1 }])
    await Promise.all(fill.map(async (key) => store.add(key, 'value', MINUTE)))
    assert.deepEqual([await count('counters'), await count('records')], [200, 200])
    clock.advance(3 * MINUTE)

    let [rows, calls] = [400, 0]
    while (rows > 1 && calls < 400) {
      await store.take([{ key: 'busy', quota: quotaOf('gcra'), cost: 1 }])
      const left = (await count('counters')) + (await count('records'))
      // Every sixteenth call removes up to 32 of each.
      assert.ok(rows - left <= 64, `${rows - left} at once`)
      rows = left
      calls++
    }
    assert.ok(calls <= 16 * 8, `${calls} calls`)
    assert.equal(await count('records'), 0)
  })

  test('RL-26: sweep removes all that has expired, and nothing else', async () => {
    await pool.query(
      `insert into gatehouse_counters (key, kind, state, written_ms)
         select 'n' || n, 'g', array[1, 0, 1], 0 from generate_series(1, 2500) n`,
    )
    for (const algorithm of ALGORITHMS) await store.take([{ key: 'a', quota: quotaOf(algorithm), cost: 5 }])
    await store.block(['b'], MINUTE)
    await store.add('r', 'value', MINUTE)
    assert.equal(await store.sweep(), 2500)
    assert.deepEqual([await count('counters'), await count('records')], [4, 1])
    clock.advance(MINUTE - 1)
    assert.equal(await store.sweep(), 0)
    assert.deepEqual(await store.read(['r']), ['value'])
    clock.advance(2 * MINUTE)
    assert.equal(await store.sweep(), 5)
    assert.deepEqual([await count('counters'), await count('records')], [0, 0])
  })

  test('RL-26: what somebody has locked is not waited for', async () => {
    await pool.query(
      `insert into gatehouse_counters (key, kind, state, written_ms)
         select 'n' || n, 'g', array[1, 0, 1], 0 from generate_series(1, 10) n`,
    )
    const holder = await pool.connect()
    await holder.query('begin')
    await holder.query(`select from gatehouse_counters where key in ('n3', 'n7') for update`)
    assert.equal(await store.sweep(), 8)
    await holder.query('rollback')
    holder.release()
    assert.equal(await store.sweep(), 2)
  })

  test('RL-26: what is refused, given back or only looked at leaves no row', async () => {
    for (const algorithm of ALGORITHMS) {
      const quota = quotaOf(algorithm)
      const charge = { key: 'a', quota, cost: 1 }
      await store.peek([charge])
      await store.take([{ ...charge, cost: 6 }])
      await store.take([charge, { ...charge, key: 'b', cost: 6 }])
      await store.adjust([{ key: 'a', quota, units: -1 }])
      assert.equal(await count('counters'), 0, algorithm)
      await store.take([charge])
      assert.equal(await count('counters'), 1, algorithm)
      await store.adjust([{ key: 'a', quota, units: -1 }])
      assert.equal(await count('counters'), 0, algorithm)
    }
  })

  test('RL-26: a row whose state makes no sense has expired, counts for nothing, and the next charge repairs it', async () => {
    for (const algorithm of ALGORITHMS) {
      const charge = { key: algorithm, quota: quotaOf(algorithm), cost: 1 }
      for (const state of ['{}', '{NULL}', '{NULL,NULL,NULL}', '{-1,-1,-1}', '{1,2,3,4}']) {
        await store.take([charge])
        await pool.query('update gatehouse_counters set state = $1', [state])
        const rows = await pool.query<{ readonly expired: boolean }>(
          'select expires_ms <= $1 as expired from gatehouse_counters',
          [clock.now()],
        )
        assert.deepEqual(rows.rows, [{ expired: true }], `${algorithm} ${state}`)
        const [outcome] = await store.take([charge])
        assert.deepEqual([outcome?.allowed, outcome?.remaining], [true, 4], `${algorithm} ${state}`)
        await pool.query('update gatehouse_counters set state = $1', [state])
        clock.advance(2 * MINUTE)
        assert.equal(await store.sweep(), 1, `${algorithm} ${state}`)
      }
    }
  })

  test('RL-26: no row can be without an expiry', async () => {
    await store.take([{ key: 'a', quota: quotaOf('gcra'), cost: 1 }])
    await store.add('a', 'value', MINUTE)
    // That of a counter follows from its state; that of a record is not null.
    await assert.rejects(pool.query('update gatehouse_counters set expires_ms = null'), { code: '428C9' })
    await assert.rejects(pool.query('update gatehouse_records set expires_ms = null'), { code: '23502' })
  })

  test('RL-06, RL-26: what was written before the clock went back does not stay until it is there again', async () => {
    const CENTURY = 100 * 365 * 86_400_000
    clock.advance(CENTURY)
    for (const algorithm of ALGORITHMS) {
      await store.take([{ key: algorithm, quota: quotaOf(algorithm), cost: 5 }])
      await store.take([{ key: `${algorithm} idle`, quota: quotaOf(algorithm), cost: 5 }])
    }
    await store.block(['blocked', 'blocked idle'], MINUTE)
    await store.add('record', 'value', MINUTE)
    clock.advance(-CENTURY)

    // By the next charge, and by a sweep where there is none.
    const blocked = { key: 'blocked', quota: quotaOf('gcra'), cost: 1 }
    for (const algorithm of ALGORITHMS) {
      const [outcome] = await store.take([{ key: algorithm, quota: quotaOf(algorithm), cost: 1 }])
      assert.equal(outcome?.allowed, false, algorithm)
    }
    assert.deepEqual(
      (await store.take([blocked])).map(({ blocked: is, retryAfterMs }) => [is, retryAfterMs]),
      [[true, MINUTE]],
    )
    await store.sweep()
    assert.deepEqual(await store.read(['record']), ['value'])
    clock.advance(MINUTE)
    assert.equal((await store.take([blocked]))[0]?.allowed, true)
    assert.deepEqual(await store.read(['record']), [undefined])
    clock.advance(3 * MINUTE)
    await store.sweep()
    assert.deepEqual([await count('counters'), await count('records')], [0, 0])
  })
})
