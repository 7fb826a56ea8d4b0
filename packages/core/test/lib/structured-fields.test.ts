import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  sfBytes,
  sfDictionary,
  sfInteger,
  sfItem,
  sfList,
  sfString,
  sfToken,
} from '../../src/lib/structured-fields.ts'

const written: readonly (readonly [name: string, actual: string, expected: string])[] = [
  ['a string', sfString('default'), '"default"'],
  ['an empty string', sfString(''), '""'],
  ['a string with quotes and backslashes', sfString('a"b\\c'), '"a\\"b\\\\c"'],
  ['a string of the first and last character allowed', sfString(' ~'), '" ~"'],
  ['a token', sfToken('text/html'), 'text/html'],
  ['a token that begins with a star', sfToken('*a:b'), '*a:b'],
  ['an integer', sfInteger(42), '42'],
  ['a negative integer', sfInteger(-1), '-1'],
  ['zero without a sign', sfInteger(-0), '0'],
  ['the largest integer', sfInteger(999_999_999_999_999), '999999999999999'],
  ['the smallest integer', sfInteger(-999_999_999_999_999), '-999999999999999'],
  ['bytes', sfBytes(Uint8Array.of(0xfb, 0xff)), ':+/8=:'],
  ['no bytes', sfBytes(new Uint8Array()), '::'],
  ['an item without parameters', sfItem(sfToken('a')), 'a'],
  [
    'an item with parameters in order',
    sfItem('"p"', { q: sfInteger(100), w: sfInteger(60) }),
    '"p";q=100;w=60',
  ],
  ['a bare parameter', sfItem('a', { b: true, 'c-1_.*': '1' }), 'a;b;c-1_.*=1'],
  ['no parameter that is undefined', sfItem('a', { b: undefined, '*c': '1' }), 'a;*c=1'],
  ['a list', sfList(['a', 'b;c']), 'a, b;c'],
  ['an empty list', sfList([]), ''],
  ['a dictionary', sfDictionary({ a: sfString('x'), b: true, c: undefined, d: '1;e' }), 'a="x", b, d=1;e'],
  ['an empty dictionary', sfDictionary({}), ''],
]

for (const [name, actual, expected] of written) {
  test(`RL-12: a structured field is written: ${name}`, () => {
    assert.equal(actual, expected)
  })
}

const refused: readonly (readonly [name: string, write: () => string])[] = [
  ['a string with a line feed', () => sfString('a\nb')],
  ['a string with a line feed at the end', () => sfString('a\n')],
  ['a string with a tab', () => sfString('\t')],
  ['a string with DEL', () => sfString('\x7f')],
  ['a string that is not ASCII', () => sfString('é')],
  ['an empty token', () => sfToken('')],
  ['a token that begins with a digit', () => sfToken('1a')],
  ['a token with a space', () => sfToken('a b')],
  ['a token with a comma', () => sfToken('a,b')],
  ['a token that is not ASCII', () => sfToken('aé')],
  ['an integer that is too large', () => sfInteger(1_000_000_000_000_000)],
  ['an integer that is too small', () => sfInteger(-1_000_000_000_000_000)],
  ['a fraction', () => sfInteger(1.5)],
  ['NaN', () => sfInteger(Number.NaN)],
  ['infinity', () => sfInteger(Number.POSITIVE_INFINITY)],
  ['an upper-case key', () => sfItem('a', { Q: '1' })],
  ['an empty key', () => sfItem('a', { '': '1' })],
  ['a key that begins with a digit', () => sfItem('a', { '1a': '1' })],
  ['a key with a line feed', () => sfItem('a', { 'a\n': '1' })],
  ['a key of a dictionary with a space', () => sfDictionary({ 'a b': '1' })],
  ['a bare key of a dictionary in upper case', () => sfDictionary({ A: true })],
]

for (const [name, write] of refused) {
  test(`HDR-08: a structured field is not written: ${name}`, () => {
    assert.throws(write, TypeError)
  })
}
