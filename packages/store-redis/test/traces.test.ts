import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Charge, memoryStore, type Quota, type Store } from '@gatehouse/core'
import { redisStore } from '@gatehouse/store-redis'
import { CLIENTS, type Opened } from './support/clients.ts'
import { type Server, skip, startServer } from './support/servers.ts'

const ALGORITHMS = ['gcra', 'sliding-window', 'fixed-window'] as const

/** The same numbers in every run (xorshift32). */
function numbersFrom(seed: number): (max: number) => number {
  let state = seed
  return (max) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % max
  }
}

const QUOTAS: readonly Quota[] = [1, 5, 7, 100, 999].flatMap((limit) =>
  [60_000, 61_001, 120_003, 86_400_000].flatMap((windowMs) =>
    ALGORITHMS.map((algorithm) => ({ limit, windowMs, algorithm })),
  ),
)

/**
 * One call, that is made of both stores.
 *
 * @param shared whether all calls are on the same few keys, each call by one quota
 */
function callFrom(number: (max: number) => number, shared = false): (store: Store) => unknown {
  const one = number(QUOTAS.length)
  const charges: readonly Charge[] = Array.from({ length: 1 + number(3) }, () => {
    const index = shared ? one : number(QUOTAS.length)
    const quota = QUOTAS[index] ?? { limit: 1, windowMs: 1 }
    const most = number(10) === 0 ? quota.limit + 2 : quota.limit
    return { key: `{${shared ? number(3) : index}}`, quota, cost: 1 + number(number(3) === 0 ? most : 1) }
  })
  const keys = charges.map(({ key }) => key)
  const units = charges.map(({ key, quota, cost }) => ({
    key,
    quota,
    units: number(2) === 0 ? cost : -cost,
    ...(number(2) === 0 ? { withinMs: number(quota.windowMs) * number(2) } : {}),
  }))
  const ms = 1 + number(200_000)
  const calls: readonly ((store: Store) => unknown)[] = [
    ...Array.from({ length: 12 }, () => (store: Store) => store.take(charges)),
    ...Array.from({ length: 3 }, () => (store: Store) => store.peek(charges)),
    ...Array.from({ length: 3 }, () => (store: Store) => store.adjust(units)),
    (store) => store.block(keys, ms),
    (store) => store.reset(keys),
  ]
  return calls[number(calls.length)] ?? ((store) => store.take(charges))
}

describe('the same trace and the same clock', { skip }, () => {
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

  for (const [spread, steps] of [
    [1, 4_000],
    [16, 1_000],
  ] as const) {
    test(`RL-04, RL-13, RL-30: every outcome is that of the memory store, over ${spread} hash tags`, async () => {
      let time = 0
      const clock = { now: () => time, monotonic: () => time }
      const memory = memoryStore({ clock })
      const store = redisStore({
        client: opened.client,
        prefix: `trace-${spread}`,
        spread,
        clock,
        denyCache: false,
      })
      const number = numbersFrom(97 + spread)
      for (let step = 0; step < steps; step++) {
        time += [0, 0, 0, 1, number(1_000), number(100_000), 3_750][number(7)] ?? 0
        const call = callFrom(number)
        assert.deepEqual(await call(store), await call(memory), `step ${step}`)
      }
    })
  }

  test('RL-04, RL-07: calls that one script answers have the outcomes of the memory store, by several quotas on one key too', async () => {
    let time = 0
    const clock = { now: () => time, monotonic: () => time }
    const memory = memoryStore({ clock })
    const store = redisStore({ client: opened.client, prefix: 'together', clock, denyCache: false })
    const number = numbersFrom(11)
    for (let step = 0; step < 1_000; step++) {
      time += [0, 1, number(1_000), number(100_000), 3_750][number(5)] ?? 0
      const calls = Array.from({ length: 1 + number(8) }, () => callFrom(number, true))
      const expected = await Promise.all(calls.map((call) => call(memory)))
      assert.deepEqual(await Promise.all(calls.map((call) => call(store))), expected, `step ${step}`)
    }
  })

  test('RL-04: with refusals that are remembered, every outcome of one limit is that of the memory store', async () => {
    let time = 0
    const clock = { now: () => time, monotonic: () => time }
    const memory = memoryStore({ clock })
    const store = redisStore({ client: opened.client, prefix: 'remembered', clock })
    const number = numbersFrom(5)
    for (let step = 0; step < 3_000; step++) {
      time += [0, 0, 0, 1, 5, number(100), number(10_000)][number(7)] ?? 0
      const index = number(QUOTAS.length)
      const quota = QUOTAS[index] ?? { limit: 1, windowMs: 1 }
      const charges = [{ key: String(index), quota, cost: number(3) === 0 ? quota.limit : 1 }]
      assert.deepEqual(await store.take(charges), await memory.take(charges), `step ${step}`)
    }
  })

  test('RL-06: a server whose clock jumps grants at most what the jump brings back, and locks for a window', async () => {
    for (const algorithm of ALGORITHMS) {
      const quota = { limit: 5, windowMs: 60_000, algorithm }
      for (const jump of [1, 59_999, 3_600_000, 30 * 86_400_000]) {
        let wall = 1_800_000_000_000
        const clock = { now: () => wall, monotonic: () => 0 }
        const prefix = `jump-${algorithm}-${jump}`
        const store = redisStore({ client: opened.client, prefix, clock, denyCache: false })
        const one = async (cost = 1) => (await store.take([{ key: 'a', quota, cost }]))[0] ?? assert.fail()
        assert.equal((await one(5)).allowed, true)
        wall -= jump
        const { allowed, retryAfterMs } = await one()
        assert.equal(allowed, false, `${prefix}: nothing is granted`)
        assert.ok(retryAfterMs <= 63_750, `${prefix}: ${retryAfterMs}`)
        wall += retryAfterMs - 1
        assert.equal((await one()).retryAfterMs, 1, `${prefix}: a refusal does not begin the wait anew`)
        wall += 1
        assert.equal((await one()).allowed, true, `${prefix}: and nobody waits for the clock to catch up`)
        wall += 100 * jump + 120_000
        assert.equal((await one(5)).allowed, true, prefix)
        assert.equal((await one()).allowed, false, `${prefix}: no more than the limit after a jump ahead`)
      }
    }
  })

  test('RL-06: a block lasts for no longer than it was said, when the clock of the server goes back', async () => {
    let wall = 1_800_000_000_000
    const clock = { now: () => wall, monotonic: () => 0 }
    const store = redisStore({ client: opened.client, prefix: 'block', clock, denyCache: false })
    const charges = [{ key: 'a', quota: { limit: 5, windowMs: 60_000 }, cost: 1 }]
    await store.block(['a'], 1_000)
    wall -= 3_600_000
    assert.equal((await store.take(charges))[0]?.retryAfterMs, 1_000)
    wall += 999
    assert.equal((await store.take(charges))[0]?.retryAfterMs, 1)
    wall += 1
    assert.equal((await store.take(charges))[0]?.allowed, true)
  })
})
