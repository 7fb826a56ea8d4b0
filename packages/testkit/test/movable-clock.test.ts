import assert from 'node:assert/strict'
import { test } from 'node:test'
import { movableClock } from '../src/index.ts'

test('RL-06: a clock stands still until it is moved, and a jump moves the wall alone', () => {
  const clock = movableClock(5)
  assert.deepEqual([clock.now(), clock.monotonic()], [5, 5])
  clock.advance(10)
  clock.jump(-5)
  assert.deepEqual([clock.now(), clock.monotonic()], [10, 15])
})
