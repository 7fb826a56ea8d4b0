import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Quota } from '@gatehouse/core'
import { type RedisStore, redisStore } from '@gatehouse/store-redis'
import { CLIENTS, type Opened } from './support/clients.ts'
import { type Server, skip, startServer } from './support/servers.ts'

const ALGORITHMS = ['gcra', 'sliding-window', 'fixed-window'] as const
const WINDOW = 60_000

describe('leases', { skip }, () => {
  let server: Server
  let opened: Opened
  before(async () => {
    server = await startServer()
    opened = await (CLIENTS['ioredis'] ?? assert.fail())(server.port)
  })
  after(async () => {
    opened.end()
    await server.stop()
  })

  /** Two processes, as far as the server can tell, whose clocks and that of the server are moved together. */
  function processes(prefix: string) {
    let time = 0
    const clock = { now: () => time, monotonic: () => time }
    const make = (): RedisStore =>
      redisStore({
        client: opened.client,
        prefix,
        clock,
        denyCache: false,
        lease: { share: 0.2, ms: 60_000 },
      })
    return {
      stores: [make(), make()] as const,
      now: (): number => time,
      pass: (ms: number): void => {
        time += ms
      },
    }
  }

  const scripts = async (): Promise<number> => {
    const info = String(await server.ask('INFO', 'commandstats'))
    await server.ask('CONFIG', 'RESETSTAT')
    return Number(/^cmdstat_evalsha:calls=(\d+)/m.exec(info)?.[1] ?? 0)
  }

  test('RL-05: a busy key is asked about once for a share of its limit', async () => {
    const { stores } = processes('share')
    const quota = { limit: 100, windowMs: WINDOW }
    const take = async () => (await stores[0].take([{ key: 'a', quota, cost: 1 }]))[0] ?? assert.fail()
    await take()
    await take()
    await scripts()
    const left: number[] = []
    for (let i = 0; i < 20; i++) left.push((await take()).remaining)
    assert.equal(await scripts(), 0)
    // 2 and 20 are spent. A lease lasts for 3,750 ms, which is 6.25 units, of which 2 were spent anyhow.
    assert.deepEqual([left[0], left[19]], [92, 73])
    await take()
    assert.equal(await scripts(), 1)
  })

  test('RL-01, RL-02, RL-05: no time holds more than without leases, whoever spends them and when', async () => {
    for (const algorithm of ALGORITHMS) {
      const quota: Quota = { limit: 40, windowMs: WINDOW, algorithm }
      const { stores, now, pass } = processes(`bound-${algorithm}`)
      let state = 7
      const number = (max: number): number => {
        state = (state * 48_271) % 2_147_483_647
        return state % max
      }
      const admitted: number[] = []
      for (let step = 0; step < 3_000; step++) {
        pass([0, 0, 0, 0, 10, 200, 1_900, 3_750][number(8)] ?? 0)
        if (step % 500 === 499) pass(2 * WINDOW)
        const [outcome] = await (stores[number(2)] ?? stores[0]).take([{ key: 'a', quota, cost: 1 }])
        if (outcome?.allowed === true) admitted.push(now())
      }
      assert.ok(admitted.length > 300, `${algorithm}: ${admitted.length}`)
      for (const [index, first] of admitted.entries()) {
        for (const [more, last] of admitted.slice(index, index + 200).entries()) {
          const ms = last - first
          const most = {
            gcra: 40 + Math.floor((ms * 40) / WINDOW),
            'sliding-window': ms < WINDOW ? 40 : Infinity,
            'fixed-window': ms < WINDOW ? 80 : Infinity,
          }[algorithm]
          assert.ok(more + 1 <= most, `${algorithm}: ${more + 1} in ${ms} ms`)
        }
      }
    }
  })

  test('RL-02, RL-05: a lease ends with the slice or the window that it was counted in', async () => {
    const rows = [
      { algorithm: 'sliding-window', begin: 3_000, lasts: 750 },
      { algorithm: 'fixed-window', begin: WINDOW - 100, lasts: 100 },
      { algorithm: 'gcra', begin: 0, lasts: 3_750 },
    ] as const
    for (const { algorithm, begin, lasts } of rows) {
      const { stores, pass } = processes(`ends-${algorithm}`)
      const charges = [{ key: 'a', quota: { limit: 40, windowMs: WINDOW, algorithm }, cost: 1 }]
      const take = async () => stores[0].take(charges)
      await take()
      pass(begin)
      // A key that was idle for long is asked about once more before it is leased.
      await take()
      await take()
      pass(lasts - 1)
      await scripts()
      await take()
      assert.equal(await scripts(), 0, `${algorithm}: until then`)
      pass(1)
      await take()
      assert.equal(await scripts(), 1, `${algorithm}: and no longer`)
    }
  })

  test('RL-30: a key that is reset, blocked or changed here has no lease any more', async () => {
    for (const change of ['reset', 'block', 'adjust'] as const) {
      const { stores } = processes(`change-${change}`)
      const quota = { limit: 10, windowMs: WINDOW, algorithm: 'fixed-window' as const }
      const [store] = stores
      const take = async () => (await store.take([{ key: 'a', quota, cost: 1 }]))[0] ?? assert.fail()
      for (let i = 0; i < 3; i++) await take()
      if (change === 'reset') await store.reset(['a'])
      else if (change === 'block') await store.block(['a'], 1_000)
      else await store.adjust([{ key: 'a', quota, units: 10 }])
      const { allowed, remaining } = await take()
      assert.deepEqual([allowed, remaining], change === 'reset' ? [true, 9] : [false, 0], change)
    }
  })

  test('RL-13, RL-30: what a charge settles leaves the lease, and no more is let through than without one', async () => {
    for (const algorithm of ALGORITHMS) {
      const { stores } = processes(`settle-${algorithm}`)
      const quota = { limit: 100, windowMs: WINDOW, algorithm }
      const [store, other] = stores
      const take = async (from: RedisStore): Promise<boolean> =>
        (await from.take([{ key: 'a', quota, cost: 1 }]))[0]?.allowed === true
      for (let i = 0; i < 200; i++) {
        assert.ok((await take(store)) && (await take(store)), `${algorithm}: ${i} were given back`)
        for (let j = 0; j < 2; j++) await store.adjust([{ key: 'a', quota, units: -1, withinMs: WINDOW }])
      }
      let counted = 0
      for (let i = 0; i < 20; i++) {
        if (!(await take(store))) continue
        await store.adjust([{ key: 'a', quota, units: 1 }])
        counted += 2
      }
      assert.equal(counted, 40, algorithm)
      while (await take(store)) counted++
      while (await take(other)) counted++
      assert.ok(counted > 80 && counted <= 100, `${algorithm}: ${counted} of 100`)
    }
  })

  test('RL-07: a request of several limits is spent here only when all of them are leased', async () => {
    const { stores } = processes('several')
    const [store, other] = stores
    const charge = (key: string, limit: number) => ({ key, quota: { limit, windowMs: WINDOW }, cost: 1 })
    const both = [charge('a', 100), charge('b', 10)]
    for (let i = 0; i < 3; i++) await store.take(both)
    const outcomes = await Promise.all(Array.from({ length: 20 }, async () => store.take(both)))
    const admitted = outcomes.filter((each) => each.every(({ allowed }) => allowed)).length
    assert.ok(admitted <= 7 && admitted >= 5, `${admitted} of 7`)
    assert.equal((await other.take(both))[1]?.allowed, false)
  })
})
