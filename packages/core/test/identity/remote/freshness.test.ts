import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { freshnessOf } from '../../../src/identity/remote/freshness.ts'

const rows: readonly [
  name: string,
  cacheControl: string | undefined,
  age: string | undefined,
  ms: number | undefined,
][] = [
  ['nothing is said', undefined, undefined, undefined],
  ['something else is said', 'public, must-revalidate', '5', undefined],
  ['a time', 'max-age=300', undefined, 300_000],
  ['a time among others, in any case', 'public, MAX-AGE=300 , immutable', undefined, 300_000],
  ['a quoted time', 'max-age="300"', undefined, 300_000],
  ['the age is taken off', 'max-age=300', '100', 200_000],
  ['older than it may be', 'max-age=300', '301', 0],
  ['an age that is no number', 'max-age=300', '-5', 300_000],
  ['zero', 'max-age=0', undefined, 0],
  ['not to be stored', 'max-age=300, no-store', undefined, 0],
  ['to be asked for each time', 'no-cache, max-age=300', undefined, 0],
  ['said twice: the smaller', 'max-age=300, max-age=60', undefined, 60_000],
  ['no number', 'max-age=soon', undefined, 0],
  ['negative', 'max-age=-1', undefined, 0],
  ['a fraction', 'max-age=1.5', undefined, 0],
  ['beyond every number', `max-age=${'9'.repeat(400)}`, undefined, 31_536_000_000],
  ['the time of shared caches', 's-maxage=300', undefined, undefined],
]

describe('the freshness of an answer', () => {
  for (const [name, cacheControl, age, ms] of rows) {
    test(`JWKS-05: ${name}`, () => assert.equal(freshnessOf(cacheControl, age), ms))
  }
})
