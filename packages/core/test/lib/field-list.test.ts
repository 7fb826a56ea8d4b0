import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergeVary, splitList } from '../../src/lib/field-list.ts'

const LIMITS = { maxElements: 3, maxEmpty: 2, maxOws: 1 }

const split: readonly (readonly [name: string, value: string, expected: readonly string[] | undefined])[] = [
  ['one token', 'x-a', ['x-a']],
  ['tokens without white space', 'a,b', ['a', 'b']],
  ['tokens with white space', 'a , b\t,\tc', ['a', 'b', 'c']],
  ['the case that was sent', 'X-A, x-a', ['X-A', 'x-a']],
  ['the empty value as the empty list', '', []],
  ['white space alone as the empty list', ' ', []],
  ['white space around', ' a ', ['a']],
  ['an empty element at the start', ',a', ['a']],
  ['an empty element at the end', 'a,', ['a']],
  ['an empty element within', 'a, ,b', ['a', 'b']],
  ['as many empty elements as allowed', 'a,,,b', ['a', 'b']],
  ['a lone comma as two empty elements', ',', []],
  ['not one empty element more than allowed', 'a,,,,b', undefined],
  ['not commas alone beyond the bound', ',,', undefined],
  ['as many elements as allowed', 'a,b,c', ['a', 'b', 'c']],
  ['not one element more than allowed', 'a,b,c,d', undefined],
  ['not more white space before than allowed', 'a,  b', undefined],
  ['not more white space after than allowed', 'a  ,b', undefined],
  ['not more white space at the start than allowed', '  a', undefined],
  ['not more white space at the end than allowed', 'a \t', undefined],
  ['not white space within a token', 'a b', undefined],
  ['not a quoted string', '"a"', undefined],
  ['not a semicolon', 'a;b', undefined],
  ['not a line feed', 'a,\nb', undefined],
  ['not a control', 'a\0', undefined],
  ['not latin1 letters', 'é', undefined],
  ['not other white space', 'a,\u00a0b', undefined],
]

for (const [name, value, expected] of split) {
  test(`COR-16: a list field is split, ${name}`, () => {
    assert.deepEqual(splitList(value, LIMITS), expected)
  })
}

test('COR-16: limits of nothing leave single tokens and the empty list', () => {
  const none = { maxElements: 1, maxEmpty: 0, maxOws: 0 }
  assert.deepEqual(splitList('a', none), ['a'])
  assert.deepEqual(splitList('', none), [])
  assert.equal(splitList(',', none), undefined)
  assert.equal(splitList('a,', none), undefined)
  assert.equal(splitList(' a', none), undefined)
})

const merged: readonly (readonly [
  name: string,
  existing: string | undefined,
  add: readonly string[],
  expected: string,
])[] = [
  ['nothing yet', undefined, ['Origin'], 'Origin'],
  ['an empty value', '', ['Origin'], 'Origin'],
  ['several at once', undefined, ['Origin', 'Accept'], 'Origin, Accept'],
  ['another name', 'Accept-Encoding', ['Origin'], 'Accept-Encoding, Origin'],
  ['the same name', 'Origin', ['Origin'], 'Origin'],
  ['the same name in other case', 'ORIGIN', ['Origin'], 'ORIGIN'],
  ['a name twice in what is added', undefined, ['Origin', 'origin'], 'Origin'],
  ['a name twice in what was there', 'a, A,b', ['c'], 'a, b, c'],
  ['a name that holds another', 'X-Origin', ['Origin'], 'X-Origin, Origin'],
  ['empty elements and odd white space', ' a ,, b\t,', ['c'], 'a, b, c'],
  ['a star that was there', '*', ['Origin'], '*'],
  ['a star among others', 'Accept, *', ['Origin'], '*'],
  ['a star that is added', 'Accept', ['*'], '*'],
  ['nothing added', 'a,b', [], 'a, b'],
  ['nothing at all', undefined, [], ''],
]

for (const [name, existing, add, expected] of merged) {
  test(`COR-08: Vary is merged with ${name}`, () => {
    assert.equal(mergeVary(existing, add), expected)
  })
}
