import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chanceOf, compareSides } from '../src/comparison.ts'

const THRESHOLDS = { factor: 1.1, chance: 0.01 }
const NINE = [10, 10.1, 10.2, 9.9, 9.8, 10.3, 9.7, 10.05, 9.95]
const times = (factor: number): readonly number[] => NINE.map((value) => value * factor)

/** Of the tables of the test. */
const CHANCES: readonly (readonly [left: readonly number[], right: readonly number[], chance: number])[] = [
  // 2 of the 20 orders of three and three are as far apart as this.
  [[1, 2, 3], [4, 5, 6], 0.1],
  [[4, 5, 6], [1, 2, 3], 0.1],
  // U = 2 of 5 and 5: 4 of 252 orders, on either side.
  [[1, 2, 3, 4, 7], [5, 6, 8, 9, 10], 8 / 252],
  [[1, 3], [2, 4], 2 / 3],
  [[], [1], 1],
]
for (const [left, right, chance] of CHANCES) {
  test(`the ranks of ${left.join(', ')} and ${right.join(', ')} come by chance in ${chance.toFixed(4)}`, () => {
    assert.ok(Math.abs(chanceOf(left, right) - chance) < 1e-9, String(chanceOf(left, right)))
  })
}

const FINDINGS = [
  ['a third slower', NINE, times(1.3), 'worse'],
  ['a third faster', NINE, times(1 / 1.3), 'better'],
  ['the same numbers', NINE, NINE, 'same'],
  ['surely slower, and by too little to matter', NINE, times(1.07), 'same'],
  ['slower in the middle, and all over the place', NINE, [7, 8, 9, 9.5, 11.2, 12, 13, 14, 15], 'unsure'],
  ['one process that was very slow', NINE, [...NINE.slice(1), 1000], 'same'],
  ['three processes, however slow', [1, 2, 3], [10, 20, 30], 'too few'],
] as const
for (const [what, before, after, finding] of FINDINGS) {
  test(`${what}: ${finding}`, () => {
    assert.equal(compareSides({ before, after, lowerIsBetter: true }, THRESHOLDS).finding, finding)
  })
}

test('a ratio that is higher is better', () => {
  const sides = { before: NINE, after: times(1.3), lowerIsBetter: false }
  assert.equal(compareSides(sides, THRESHOLDS).finding, 'better')
})

test('the interval has the true factor in it, and is as wide as the noise', () => {
  const { interval, factor } = compareSides(
    { before: NINE, after: times(1.3), lowerIsBetter: true },
    THRESHOLDS,
  )
  assert.ok(interval.low < factor && factor < interval.high)
  assert.ok(interval.low > 1.25 && interval.high < 1.35, JSON.stringify(interval))
})

test('what came out at nothing has no ratio', () => {
  const sides = { before: NINE.map((value) => value - 10), after: NINE, lowerIsBetter: true }
  assert.equal(compareSides(sides, THRESHOLDS).finding, 'unsure')
})
