import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Duration, parseDuration, secondsToWait } from '../../src/lib/duration.ts'

const read: readonly (readonly [name: string, value: Duration, milliseconds: number])[] = [
  ['a number', 250, 250],
  ['one millisecond', 1, 1],
  ['milliseconds', '500ms', 500],
  ['seconds', '30s', 30_000],
  ['minutes', '1m', 60_000],
  ['hours', '1h', 3_600_000],
  ['days', '1d', 86_400_000],
  ['a fraction that is whole in milliseconds', '1.5h', 5_400_000],
  ['a fraction that is not exact in binary', '1.1s', 1_100],
  ['a fraction below one', '0.001s', 1],
  ['a fraction of nothing', '1.000m', 60_000],
  ['ten years', '3650d', 315_360_000_000],
  ['ten years as a number', 315_360_000_000, 315_360_000_000],
]

for (const [name, value, milliseconds] of read) {
  test(`ERR-03: a duration is read from ${name}`, () => {
    assert.equal(parseDuration(value), milliseconds)
  })
}

const refused: readonly (readonly [name: string, value: string | number])[] = [
  ['zero', 0],
  ['zero seconds', '0s'],
  ['a negative number', -1],
  ['a fraction of a millisecond', 0.5],
  ['a fraction of a millisecond in text', '0.0001s'],
  ['half a millisecond', '1.5ms'],
  ['NaN', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['more than ten years', 315_360_000_001],
  ['more than ten years in days', '3651d'],
  ['a large number of digits', '999999999999999d'],
  ['too many digits', '1000000000000000ms'],
  ['the empty text', ''],
  ['no unit', '30'],
  ['no number', 's'],
  ['two units', '1h30m'],
  ['an unknown unit', '1w'],
  ['an upper-case unit', '1H'],
  ['a sign', '+1s'],
  ['a minus', '-1s'],
  ['an exponent', '1e3s'],
  ['hexadecimal', '0x1s'],
  ['a leading zero', '01s'],
  ['a point without digits before', '.5s'],
  ['a point without digits after', '1.s'],
  ['a space within', '1 s'],
  ['a space before', ' 1s'],
  ['a line feed after', '1s\n'],
  ['digits of another script', '१s'],
]

for (const [name, value] of refused) {
  test(`ERR-03: a duration is not read from ${name}`, () => {
    assert.equal(parseDuration(value), undefined)
  })
}

test('RL-24: a wait is told in whole seconds, never too few and never 0', () => {
  const waits = [-1, 0, 1, 999, 1000, 1001, 60_000].map(secondsToWait)
  assert.deepEqual(waits, [1, 1, 1, 1, 1, 2, 60])
})
