import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/lib/clock.ts'

test('RL-06: the system clock tells wall time and a time that never goes back', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 })
  assert.equal(systemClock.now(), 1_700_000_000_000)
  const before = systemClock.monotonic()
  t.mock.timers.setTime(0)
  assert.equal(systemClock.now(), 0)
  assert.ok(systemClock.monotonic() >= before)
})

test('DEP-03: the system clock cannot be replaced in place', () => {
  assert.ok(Object.isFrozen(systemClock))
})
