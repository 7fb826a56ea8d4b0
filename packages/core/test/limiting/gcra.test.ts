import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aheadOf, earlyAt, NEVER, rateOf, remainingAt, resetAt, waitFor } from '../../src/limiting/gcra.ts'

test('RL-01: a quota is counted in units in which the interval between requests is an integer', () => {
  const rows = [
    { name: 'a limit that divides the window', limit: 100, windowMs: 60_000, unitsPerMs: 1, interval: 600 },
    { name: 'a window that divides the limit', limit: 6_000, windowMs: 1_000, unitsPerMs: 6, interval: 1 },
    { name: 'nothing in common', limit: 7, windowMs: 1_000, unitsPerMs: 7, interval: 1_000 },
    { name: 'one per window', limit: 1, windowMs: 1_000, unitsPerMs: 1, interval: 1_000 },
    {
      name: 'the largest that a policy can say',
      limit: 999_999,
      windowMs: 31 * 86_400_000,
      unitsPerMs: 37_037,
      interval: 99_200_000,
    },
  ]
  for (const { name, limit, windowMs, unitsPerMs, interval } of rows) {
    const rate = rateOf({ limit, windowMs })
    assert.equal(rate.unitsPerMs, unitsPerMs, name)
    assert.equal(rate.interval, interval, name)
    assert.equal(rate.capacity, limit * interval, name)
    assert.equal(rate.capacity, windowMs * unitsPerMs, name)
    assert.ok(Number.isSafeInteger(rate.capacity * 2), name)
  }
})

test('RL-01: a quota that cannot be counted exactly is refused', () => {
  const rows = [
    { name: 'no limit', limit: 0, windowMs: 1_000 },
    { name: 'no window', limit: 1, windowMs: 0 },
    { name: 'a negative limit', limit: -1, windowMs: 1_000 },
    { name: 'a fraction', limit: 1.5, windowMs: 1_000 },
    { name: 'a fraction of a millisecond', limit: 1, windowMs: 0.5 },
    { name: 'no number', limit: Number.NaN, windowMs: 1_000 },
    { name: 'without end', limit: 1, windowMs: Infinity },
    { name: 'more than integers can count', limit: 2 ** 40 - 1, windowMs: 2 ** 40 },
  ]
  for (const { name, limit, windowMs } of rows) {
    assert.throws(() => rateOf({ limit, windowMs }), RangeError, name)
  }
})

test('RL-24: an idle key has its whole limit, a spent one waits for exactly one interval', () => {
  const rate = rateOf({ limit: 7, windowMs: 1_000 })
  assert.equal(remainingAt(rate, 0), 7)
  assert.equal(resetAt(rate, 0), 0)
  assert.equal(waitFor(rate, 0, 7), 0)
  const spent = rate.capacity
  assert.equal(remainingAt(rate, spent), 0)
  assert.equal(resetAt(rate, spent), 1_000)
  // 1000 / 7 = 142.86: one millisecond less would be too early.
  assert.equal(waitFor(rate, spent, 1), 143)
  assert.equal(waitFor(rate, spent, 7), 1_000)
})

test('RL-24: a cost above the limit has no wait that helps', () => {
  const rate = rateOf({ limit: 7, windowMs: 1_000 })
  assert.equal(waitFor(rate, 0, 8), NEVER)
  assert.equal(waitFor(rate, rate.capacity, Number.MAX_SAFE_INTEGER), NEVER)
})

test('RL-01: what is ahead comes back from its two integers as it went in', () => {
  const rate = rateOf({ limit: 7, windowMs: 1_000 })
  for (const now of [0, 1, 999, 40_000_000_000_000]) {
    for (const ahead of [0, 1, 6, 7, 8, 999, 1_000, 6_999, 7_000]) {
      assert.equal(
        aheadOf(rate, now + resetAt(rate, ahead), earlyAt(rate, ahead, resetAt(rate, ahead)), now),
        ahead,
      )
    }
  }
})

test('RL-06: a moment further ahead than a window counts as all spent, one in the past as nothing', () => {
  const rate = rateOf({ limit: 7, windowMs: 1_000 })
  assert.equal(aheadOf(rate, 1_000_000, 3, 0), rate.capacity)
  assert.equal(aheadOf(rate, 10, 3, 10), 0)
  assert.equal(aheadOf(rate, 10, 3, 1_000_000), 0)
  assert.equal(aheadOf(rate, 11, 3, 10), 4)
})
