import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nearest } from '../../src/lib/spelling.ts'
import { anyText } from './any-text.ts'

/** The definition of the distance, without a table. */
function slowDistance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length
  const [restA, restB] = [a.slice(1), b.slice(1)]
  const choices = [
    slowDistance(restA, b) + 1,
    slowDistance(a, restB) + 1,
    slowDistance(restA, restB) + (a[0] === b[0] ? 0 : 1),
  ]
  if (a.length > 1 && a[0] === b[1] && a[1] === b[0]) choices.push(slowDistance(a.slice(2), b.slice(2)) + 1)
  return Math.min(...choices)
}

const word: fc.Arbitrary<string> = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 })

test('ERR-03: the likely spelling is the first of the nearest candidates within reach', () => {
  fc.assert(
    fc.property(word, fc.array(word, { maxLength: 3 }), (typed, candidates) => {
      const limit = Math.min(2, Math.floor(typed.length / 3))
      const distances = candidates.map((candidate) => slowDistance(typed, candidate))
      const least = Math.min(...distances)
      const expected = least <= limit ? candidates[distances.indexOf(least)] : undefined
      assert.equal(nearest(typed, candidates), expected)
    }),
    { numRuns: 300 },
  )
})

test('ERR-03: no word makes the search throw or answer what is no candidate', () => {
  fc.assert(
    fc.property(anyText, fc.array(anyText), (typed, candidates) => {
      const found = nearest(typed, candidates)
      assert.ok(found === undefined || candidates.includes(found))
    }),
  )
})
