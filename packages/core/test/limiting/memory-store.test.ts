import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../../src/contract/mistakes.ts'
import type { Algorithm, Charge, Outcome } from '../../src/contract/store.ts'
import { NEVER } from '../../src/limiting/gcra.ts'
import { memoryStore, type MemoryStoreOptions } from '../../src/limiting/memory-store.ts'
import { movableClock } from '../support/clock.ts'

const MINUTE = { limit: 5, windowMs: 60_000 }

/** A store on a clock that stands still, and its answers without the promise that only other stores give. */
function store(options: MemoryStoreOptions = {}) {
  const clock = movableClock()
  const memory = memoryStore({ clock, ...options })
  const take = (...charges: readonly Charge[]): readonly Outcome[] => {
    const taken = memory.take(charges)
    assert.ok(Array.isArray(taken), 'a memory store answers at once')
    return taken
  }
  const one = (key: string, cost = 1, quota = MINUTE): Outcome => {
    const [outcome] = take({ key, quota, cost })
    assert.ok(outcome !== undefined)
    return outcome
  }
  return { clock, memory, take, one }
}

test('RL-23: request limit + 1 is refused with default options', () => {
  const memory = memoryStore()
  const charges = [{ key: 'a', quota: { limit: 3, windowMs: 86_400_000 }, cost: 1 }]
  const allowed = [1, 2, 3, 4].map(() => (memory.take(charges) as readonly Outcome[])[0]?.allowed)
  assert.deepEqual(allowed, [true, true, true, false])
})

test('RL-24: outcomes tell what is left, and how long to wait', () => {
  const { clock, one } = store()
  assert.deepEqual(one('a'), { allowed: true, remaining: 4, resetMs: 12_000, retryAfterMs: 0 })
  assert.deepEqual(one('a', 4), { allowed: true, remaining: 0, resetMs: 60_000, retryAfterMs: 0 })
  assert.deepEqual(one('a'), { allowed: false, remaining: 0, resetMs: 60_000, retryAfterMs: 12_000 })
  clock.advance(11_999)
  assert.deepEqual(one('a'), { allowed: false, remaining: 0, resetMs: 48_001, retryAfterMs: 1 })
  clock.advance(1)
  assert.deepEqual(one('a'), { allowed: true, remaining: 0, resetMs: 60_000, retryAfterMs: 0 })
})

test('RL-20: a refused charge takes nothing, and a taken one is never given back', () => {
  const { clock, one } = store()
  one('a', 5)
  for (let i = 0; i < 100; i++) assert.equal(one('a').retryAfterMs, 12_000)
  clock.advance(12_000)
  assert.equal(one('a').allowed, true)
})

test('RL-24: a cost above the limit is refused always, and takes nothing', () => {
  const { clock, one } = store()
  assert.deepEqual(one('a', 6), { allowed: false, remaining: 5, resetMs: 0, retryAfterMs: NEVER })
  clock.advance(1_000_000)
  assert.equal(one('a', 6).allowed, false)
  assert.equal(one('a', 5).allowed, true)
})

test('RL-07: when one charge of a call is refused, none is taken', () => {
  const { take, one } = store()
  one('full', 5)
  const outcomes = take(
    { key: 'free', quota: MINUTE, cost: 2 },
    { key: 'full', quota: MINUTE, cost: 1 },
    { key: 'new', quota: MINUTE, cost: 1 },
  )
  assert.deepEqual(
    outcomes.map((outcome) => [outcome.allowed, outcome.remaining]),
    [
      [true, 5],
      [false, 0],
      [true, 5],
    ],
  )
  assert.equal(one('free', 5).allowed, true)
  assert.equal(one('new', 5).allowed, true)
})

test('RL-07: two charges on one key in one call count together', () => {
  const { take, one } = store()
  const twice = (cost: number) => [
    { key: 'a', quota: MINUTE, cost },
    { key: 'a', quota: MINUTE, cost },
  ]
  assert.deepEqual(
    take(...twice(2)).map((outcome) => [outcome.allowed, outcome.remaining]),
    [
      [true, 1],
      [true, 1],
    ],
  )
  // The first alone would fit; both do not, so neither is taken.
  assert.deepEqual(
    take(...twice(1)).map((outcome) => [outcome.allowed, outcome.remaining, outcome.retryAfterMs]),
    [
      [true, 1, 0],
      [false, 1, 12_000],
    ],
  )
  assert.equal(one('a').allowed, true)
})

test('RL-07: two charges on one key that exceed its limit together wait for ever', () => {
  const { clock, take } = store()
  const both = [
    { key: 'a', quota: MINUTE, cost: 3 },
    { key: 'a', quota: { ...MINUTE }, cost: 3 },
  ]
  clock.advance(1_000_000)
  assert.deepEqual(
    take(...both).map((outcome) => outcome.retryAfterMs),
    [0, NEVER],
  )
})

test('RL-07: one key with two quotas in one call is a mistake of the caller, and takes nothing', () => {
  const { take, one } = store()
  const both = [
    { key: 'a', quota: MINUTE, cost: 1 },
    { key: 'a', quota: { limit: 9, windowMs: 60_000 }, cost: 1 },
  ]
  assert.throws(() => take(...both), TypeError)
  assert.equal(one('a', 5).allowed, true)
})

test('RL-01: charges that are no integers are refused loudly', () => {
  const { take } = store()
  const rows = [
    { name: 'a cost of nothing', charge: { key: 'a', quota: MINUTE, cost: 0 } },
    { name: 'a negative cost', charge: { key: 'a', quota: MINUTE, cost: -1 } },
    { name: 'half a unit', charge: { key: 'a', quota: MINUTE, cost: 0.5 } },
    { name: 'no number', charge: { key: 'a', quota: MINUTE, cost: Number.NaN } },
    { name: 'a limit of nothing', charge: { key: 'a', quota: { limit: 0, windowMs: 1 }, cost: 1 } },
    { name: 'a window of nothing', charge: { key: 'a', quota: { limit: 1, windowMs: 0 }, cost: 1 } },
  ]
  for (const algorithm of ['gcra', 'sliding-window', 'fixed-window', 'none'] as readonly Algorithm[]) {
    for (const { name, charge } of rows) {
      const { key, quota, cost } = charge
      assert.throws(
        () => take({ key, quota: { ...quota, algorithm }, cost }),
        RangeError,
        `${name} ${algorithm}`,
      )
    }
  }
})

test('RL-30: a call of adjustments of which one is a mistake changes nothing', () => {
  const { memory, one } = store()
  const right = { key: 'a', quota: MINUTE, units: 1 }
  assert.throws(() => memory.adjust([right, { ...right, units: 0 }]), RangeError)
  assert.throws(() => memory.adjust([right, { ...right, quota: { limit: 9, windowMs: 60_000 } }]), TypeError)
  assert.throws(() => memory.block(['a'], 0.5), RangeError)
  assert.equal(one('a').remaining, 4)
})

test('RL-30: a fixed window that has ended stays ended under a longer one, whether it was removed or not', () => {
  for (const others of [0, 100]) {
    const { clock, one } = store()
    const quota = { ...MINUTE, algorithm: 'fixed-window' } as const
    one('a', 5, quota)
    clock.advance(60_000)
    for (let i = 0; i < others; i++) one(`other ${i}`)
    assert.equal(one('a', 1, { ...quota, windowMs: 3_600_000 }).remaining, 4, `${others} other calls`)
  }
})

test('RL-07: no charge is no outcome', () => {
  assert.deepEqual(store().take(), [])
})

test('RL-06: a jump of the wall clock changes nothing', () => {
  const { clock, one } = store()
  one('a', 5)
  for (const jump of [86_400_000, -2 * 86_400_000, 1]) {
    clock.jump(jump)
    assert.equal(one('a').retryAfterMs, 12_000)
  }
})

test('RL-06: when the clock goes back, nothing is granted, and nobody waits longer than before', () => {
  const { clock, one } = store()
  clock.advance(7_200_000)
  one('a', 5)
  clock.advance(-3_600_000)
  assert.equal(one('a').retryAfterMs, 12_000)
  clock.advance(11_999)
  assert.equal(one('a').retryAfterMs, 1)
  clock.advance(-5)
  assert.equal(one('a').retryAfterMs, 1)
  clock.advance(1)
  assert.equal(one('a').allowed, true)
  clock.advance(60_000)
  assert.equal(one('a', 5).allowed, true)
})

test('RL-06: a clock that gives no number is no reason to let anybody through', () => {
  const clock = { now: () => 0, monotonic: () => 5 }
  const memory = memoryStore({ clock })
  clock.monotonic = () => Number.NaN
  assert.throws(() => memory.take([{ key: 'a', quota: MINUTE, cost: 1 }]), TypeError)
  assert.throws(() => memoryStore({ clock }), TypeError)
})

test('RL-06: fractions of a millisecond neither add up nor get lost', () => {
  const { clock, one } = store()
  one('a', 5)
  for (let i = 0; i < 48_000; i++) clock.advance(0.25)
  assert.equal(one('a').allowed, true)
  assert.equal(one('a').retryAfterMs, 12_000)
})

test('RL-01: a key keeps the time that it owes when its quota changes', () => {
  const rows = [
    { name: 'a higher limit', quota: { limit: 10, windowMs: 60_000 }, remaining: 5, resetMs: 30_000 },
    { name: 'another unit of time', quota: { limit: 7, windowMs: 60_000 }, remaining: 3, resetMs: 30_000 },
    { name: 'a longer window', quota: { limit: 5, windowMs: 300_000 }, remaining: 4, resetMs: 30_000 },
    { name: 'a shorter window', quota: { limit: 5, windowMs: 10_000 }, remaining: 0, resetMs: 10_000 },
  ]
  for (const { name, quota, remaining, resetMs } of rows) {
    const { clock, one } = store()
    one('a', 4)
    clock.advance(18_000)
    // A charge that is refused looks without taking.
    const outcome = one('a', quota.limit + 1, quota)
    assert.equal(outcome.remaining, remaining, name)
    assert.equal(outcome.resetMs, resetMs, name)
  }
})

test('RL-01: a quota that changes rounds what is owed up, and counts in its own units from then on', () => {
  const { one } = store()
  // A seventh of a second is 142.86 ms; in whole milliseconds it is 143.
  one('a', 1, { limit: 7, windowMs: 1_000 })
  const quota = { limit: 2, windowMs: 1_000 }
  assert.equal(one('a', 3, quota).resetMs, 143)
  assert.deepEqual(one('a', 1, quota), { allowed: true, remaining: 0, resetMs: 643, retryAfterMs: 0 })
  assert.deepEqual(one('a', 1, quota), { allowed: false, remaining: 0, resetMs: 643, retryAfterMs: 143 })
})

test('RL-09: keys whose limit is whole again make room for others, without a timer', () => {
  const { clock, one } = store({ maxKeys: 100 })
  for (let i = 0; i < 100; i++) one(`old ${i}`, 5)
  clock.advance(60_000)
  // Nothing has to be evicted: what is swept is whole.
  for (let i = 0; i < 100; i++) one(`new ${i}`, 5)
  for (let i = 0; i < 100; i++) assert.equal(one(`new ${i}`).allowed, false, `new ${i}`)
})

test('RL-22: a flood of new keys does not push out a key that has spent its limit', () => {
  const { clock, one } = store({ maxKeys: 100 })
  one('offender', 5)
  for (let i = 0; i < 10_000; i++) {
    one(`flood ${i}`)
    if (i % 100 === 0) {
      clock.advance(1)
      assert.equal(one('offender').allowed, false, `after ${i} keys`)
    }
  }
})

test('RL-22: load is the share of a limit, so a long window does not outweigh a spent short one', () => {
  const { one } = store({ maxKeys: 100 })
  const hour = { limit: 10, windowMs: 3_600_000 }
  one('offender', 5)
  for (let i = 0; i < 10_000; i++) one(`flood ${i}`, 1, hour)
  assert.equal(one('offender').allowed, false)
})

test('REQ-17: a store holds nothing open', () => {
  const before = process.getActiveResourcesInfo()
  const { one } = store()
  for (let i = 0; i < 1_000; i++) one(`key ${i}`)
  assert.deepEqual(process.getActiveResourcesInfo(), before)
})

test('REQ-17: closing a store, even twice, leaves what others still count', () => {
  const { memory, one } = store()
  one('a', 5)
  assert.equal(memory.close(), undefined)
  assert.equal(memory.close(), undefined)
  assert.equal(one('a').allowed, false)
  assert.equal(memory.name, 'memory')
})

test('ERR-03: unusable options are refused all at once', () => {
  const options = { maxKeys: 99, clock: { now: () => 0 }, maxkeys: 5 } as unknown as MemoryStoreOptions
  assert.throws(
    () => memoryStore(options),
    (error: unknown) => {
      assert.ok(error instanceof ConfigError)
      assert.deepEqual(
        error.mistakes.map((mistake) => `${mistake.code} ${mistake.path}`),
        [
          'unknown_option memoryStore.maxkeys',
          'out_of_range memoryStore.maxKeys',
          'wrong_type memoryStore.clock',
        ],
      )
      return true
    },
  )
  assert.throws(() => memoryStore(null as unknown as MemoryStoreOptions), ConfigError)
  assert.throws(() => memoryStore({ clock: null } as unknown as MemoryStoreOptions), ConfigError)
})
