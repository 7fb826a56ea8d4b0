import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Algorithm, Charge, Outcome, Quota } from '../../src/contract/store.ts'
import { NEVER } from '../../src/limiting/gcra.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { movableClock } from '../support/clock.ts'

const ALGORITHMS: readonly Algorithm[] = ['gcra', 'sliding-window', 'fixed-window']

/** A store on a clock that stands still, and the outcomes of charges on it. */
function bounded(maxKeys: number) {
  const clock = movableClock()
  const store = memoryStore({ clock, maxKeys })
  const many = (charges: readonly Charge[]): readonly Outcome[] => store.take(charges) as readonly Outcome[]
  const take = (key: string, quota: Quota, cost = 1): Outcome | undefined => many([{ key, quota, cost }])[0]
  const peek = (key: string, quota: Quota): Outcome | undefined =>
    (store.peek([{ key, quota, cost: 1 }]) as readonly Outcome[])[0]
  return { clock, store, many, take, peek }
}

for (const algorithm of ALGORITHMS) {
  const quota = { limit: 4, windowMs: 60_000, algorithm }

  describe(`a bounded store, by ${algorithm}`, () => {
    test('RL-09: every key is counted while a store grows to its bound, and while it empties', () => {
      const { clock, take, peek } = bounded(100_000)
      for (let i = 0; i < 100_000; i++) assert.equal(take(`key ${i}`, quota, 1 + (i % 3))?.allowed, true)
      for (let i = 0; i < 100_000; i++)
        assert.equal(peek(`key ${i}`, quota)?.remaining, 3 - (i % 3), `key ${i}`)
      clock.advance(120_000)
      for (let i = 0; i < 100_000; i++) assert.equal(take(`key ${i}`, quota)?.remaining, 3, `key ${i}`)
    })

    test('RL-22: where every key has spent its limit, none is forgotten and the new one waits for the first', () => {
      const { clock, take, peek } = bounded(100)
      for (let i = 0; i < 100; i++) {
        assert.equal(take(`spent ${i}`, quota, 4)?.allowed, true)
        clock.advance(10)
      }
      for (let i = 0; i < 1_000; i++) {
        const outcome = take(`new ${i}`, quota)
        assert.ok(outcome !== undefined)
        assert.deepEqual(peek(`new ${i}`, quota), outcome)
        const { retryAfterMs } = outcome
        assert.deepEqual(outcome, {
          allowed: false,
          remaining: 0,
          resetMs: retryAfterMs,
          retryAfterMs,
          noRoom: true,
        })
      }
      for (let i = 0; i < 100; i++) assert.equal(peek(`spent ${i}`, quota)?.allowed, false, `spent ${i}`)
      const wait = take('newcomer', quota)?.retryAfterMs ?? 0
      assert.equal(wait, peek('spent 0', quota)?.retryAfterMs)
      clock.advance(wait - 1)
      assert.equal(take('newcomer', quota)?.retryAfterMs, 1)
      clock.advance(1)
      assert.equal(take('newcomer', quota)?.allowed, true)
      assert.equal(take('newcomer', quota)?.remaining, 2, 'and it is counted')
    })

    test('RL-22: keys of which nothing is left are still known after a flood of ten times the bound', () => {
      const { take, peek } = bounded(20_000)
      for (let i = 0; i < 10_000; i++) take(`offender ${i}`, quota, 4)
      for (let i = 0; i < 200_000; i++) assert.equal(take(`flood ${i}`, quota)?.allowed, true)
      for (let i = 0; i < 10_000; i++)
        assert.equal(peek(`offender ${i}`, quota)?.allowed, false, `offender ${i}`)
    })

    test('RL-22: the least loaded makes room', () => {
      const { take, peek } = bounded(100)
      for (let i = 0; i < 50; i++) take(`loaded ${i}`, quota, 3)
      for (let i = 0; i < 5_000; i++) take(`light ${i}`, quota)
      const known = Array.from({ length: 50 }, (_, i) => peek(`loaded ${i}`, quota)?.remaining)
      // Which counters are neighbours is a secret of the store: now and then sixteen that are loaded lie side by side, and one
      // of them has to go. If any one made room, all fifty would be gone.
      assert.ok(known.filter((remaining) => remaining === 1).length >= 40, `${known.length} are known`)
    })
  })
}

test('RL-22: a key that is blocked is not forgotten, though it has spent little', () => {
  const { clock, store, take, peek } = bounded(100)
  const quota = { limit: 10, windowMs: 60_000 }
  for (let i = 0; i < 100; i++) take(`key ${i}`, quota)
  void store.block(
    Array.from({ length: 100 }, (_, i) => `key ${i}`),
    1_000,
  )
  assert.deepEqual(take('new', quota), {
    allowed: false,
    remaining: 0,
    resetMs: 1_000,
    retryAfterMs: 1_000,
    noRoom: true,
  })
  clock.advance(1_000)
  assert.equal(take('new', quota)?.allowed, true)
  const counted = Array.from({ length: 100 }, (_, i) => peek(`key ${i}`, quota)?.remaining)
  assert.equal(counted.filter((remaining) => remaining === 9).length, 99, 'one alone made room')
})

test('RL-22: a store that is full of blocks refuses another rather than forget one', () => {
  const { clock, store, peek } = bounded(100)
  const quota = { limit: 10, windowMs: 60_000 }
  for (let i = 0; i < 100; i++) void store.block([`key ${i}`], 1_000 + i)
  assert.throws(() => store.block(['new'], 1_000), RangeError)
  void store.block(['key 5'], 5_000)
  assert.equal(peek('key 5', quota)?.retryAfterMs, 5_000)
  for (let i = 6; i < 100; i++) assert.equal(peek(`key ${i}`, quota)?.retryAfterMs, 1_000 + i)
  clock.advance(1_000)
  void store.block(['new'], 7_000)
  assert.deepEqual(peek('new', quota), {
    allowed: false,
    remaining: 0,
    resetMs: 7_000,
    retryAfterMs: 7_000,
    blocked: true,
  })
  assert.throws(() => store.block(['newer'], 0.5), RangeError)
})

test('RL-07: a call whose keys do not all have room takes nothing, and forgets nothing', () => {
  const { store, many, take, peek } = bounded(100)
  const quota = { limit: 4, windowMs: 60_000 }
  for (let i = 0; i < 98; i++) take(`spent ${i}`, quota, 4)
  take('light', quota)
  const call = ['new 1', 'light', 'new 2', 'new 1'].map((key) => ({ key, quota, cost: 1 }))
  assert.deepEqual(
    many(call).map(({ allowed, retryAfterMs }) => [allowed, retryAfterMs]),
    [
      [true, 0],
      [true, 0],
      [false, 15_000],
      [true, 0],
    ],
  )
  assert.equal(peek('light', quota)?.remaining, 3)
  assert.equal(take('new 3', quota)?.allowed, true, 'the last place is still free')
  assert.equal(many(call.filter(({ key }) => key === 'light')).length, 1)
  void store.reset(['spent 7'])
  assert.equal(many([...call.slice(0, 2)])[0]?.allowed, true, 'a key that is reset makes room')
})

test('RL-07: a call of more new keys than a store can hold is refused for ever', () => {
  const { many } = bounded(100)
  const quota = { limit: 4, windowMs: 60_000 }
  const outcomes = many(Array.from({ length: 101 }, (_, i) => ({ key: `new ${i}`, quota, cost: 1 })))
  assert.equal(outcomes[100]?.retryAfterMs, NEVER)
  assert.equal(outcomes.filter(({ remaining }) => remaining === 4).length, 100)
})

test('RL-30: a penalty on a new key is not kept where there is no room, and the key is refused', () => {
  const { store, take } = bounded(100)
  const quota = { limit: 4, windowMs: 60_000 }
  for (let i = 0; i < 100; i++) take(`spent ${i}`, quota, 4)
  const adjust = (units: number): Outcome | undefined =>
    (store.adjust([{ key: 'new', quota, units }]) as readonly Outcome[])[0]
  assert.deepEqual(adjust(2), {
    allowed: false,
    remaining: 0,
    resetMs: 15_000,
    retryAfterMs: 15_000,
    noRoom: true,
  })
  assert.equal(adjust(-2)?.allowed, true, 'what owes nothing needs no room')
})

test('RL-09: quotas are bounded: those that no counter has any more make room for others', () => {
  const { clock, take, peek } = bounded(100)
  const hour = { limit: 9, windowMs: 3_600_000 }
  take('witness', hour, 9)
  for (let i = 1; i <= 200_000; i++) {
    assert.equal(take(`key ${i}`, { limit: 9, windowMs: i })?.allowed, true)
    clock.advance(9)
  }
  assert.equal(peek('witness', hour)?.remaining, 4)
})

test('RL-09: more quotas than a store can tell apart are refused loudly, and what is counted stays', () => {
  const { take, peek } = bounded(100_000)
  const quota = (i: number): Quota => ({ limit: 3, windowMs: 3_600_000 + i })
  let i = 0
  assert.throws(() => {
    for (; i < 70_000; i++) take(`key ${i}`, quota(i))
  }, /too many quotas/)
  assert.ok(i > 65_000)
  assert.equal(take('key 7', quota(7))?.remaining, 1)
  assert.equal(peek('key 64000', quota(64_000))?.remaining, 2)
})

test('RL-01: quotas that cannot be counted are refused loudly, by every algorithm', () => {
  const { take } = bounded(100)
  for (const algorithm of ALGORITHMS) {
    const rows: readonly (readonly [number, number])[] = [
      [0, 1_000],
      [1.5, 1_000],
      [1, 0],
      [1, Number.NaN],
      [2 ** 32, 1],
      [1, 2 ** 48],
    ]
    for (const [limit, windowMs] of rows) {
      assert.throws(() => take('a', { limit, windowMs, algorithm }), RangeError, `${limit} ${windowMs}`)
    }
    assert.equal(take('b', { limit: 2 ** 32 - 1, windowMs: 1_000, algorithm }, 2 ** 32 - 2)?.remaining, 1)
    assert.equal(take('c', { limit: 2, windowMs: 2 ** 47, algorithm })?.remaining, 1)
    assert.equal(take('c', { limit: 2, windowMs: 2 ** 47, algorithm })?.remaining, 0)
  }
  const junk = { limit: 1, windowMs: 1, algorithm: 'toString' } as unknown as Quota
  assert.throws(() => take('a', junk), RangeError)
})

test('RL-09: no call pauses while a store grows to a million keys', () => {
  const { take } = bounded(1_000_000)
  const quota = { limit: 100, windowMs: 3_600_000 }
  // Processor time: a busy machine takes the processor away for longer than any call needs it.
  const used = (): number => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1_000
  }
  let longest = 0
  let before = used()
  for (let i = 0; i < 1_000_000; i++) {
    take(`key ${i}`, quota)
    const after = used()
    longest = Math.max(longest, after - before)
    before = after
  }
  assert.ok(longest < 50, `one call took ${longest.toFixed(1)} ms`)
})
