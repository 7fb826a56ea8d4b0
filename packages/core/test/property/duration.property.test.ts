import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseDuration } from '../../src/lib/duration.ts'

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

test('ERR-03: every whole number of a unit within ten years is read, and none beyond', () => {
  const unit = fc.constantFrom(...(Object.keys(UNITS) as (keyof typeof UNITS)[]))
  fc.assert(
    fc.property(fc.nat(400_000), unit, (count, name) => {
      const milliseconds = count * UNITS[name]
      const expected = milliseconds > 0 && milliseconds <= 3650 * UNITS.d ? milliseconds : undefined
      assert.equal(parseDuration(`${count}${name}`), expected)
      assert.equal(parseDuration(milliseconds), expected)
    }),
    { numRuns: 1000 },
  )
})

test('ERR-03: a number of milliseconds is read from seconds with three decimals', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), (milliseconds) => {
      const seconds = `${Math.floor(milliseconds / 1000)}.${String(milliseconds % 1000).padStart(3, '0')}s`
      assert.equal(parseDuration(seconds), milliseconds)
    }),
    { numRuns: 1000 },
  )
})

test('ERR-03: whatever is read is a whole, positive and bounded number of milliseconds', () => {
  const almost = fc.string({ unit: fc.constantFrom(...'0123456789.-+e msdh'.split('')), maxLength: 8 })
  fc.assert(
    fc.property(fc.oneof(almost, fc.double(), fc.string()), (value) => {
      const milliseconds = parseDuration(value)
      if (milliseconds === undefined) return
      assert.ok(Number.isInteger(milliseconds) && milliseconds > 0 && milliseconds <= 315_360_000_000)
    }),
    { numRuns: 2000 },
  )
})
