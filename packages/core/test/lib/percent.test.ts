import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPercentEncoded } from '../../src/lib/percent.ts'

// What the escapes are made of is told in test/lib/path.test.ts, whose reader shares the parts of this one.
const rows: readonly (readonly [name: string, text: string, holds: boolean])[] = [
  ['nothing', '', true],
  ['no escape', 'a=b&c', true],
  ['an escape', '%41', true],
  ['an escape between letters', 'a%2Fb', true],
  ['UTF-8 of two octets', '%c3%a9', true],
  ['UTF-8 of four octets, twice', '%f0%9f%98%80%f0%9f%98%80', true],
  ['a percent sign alone', '100%', false],
  ['one digit', '%4', false],
  ['no digits', '%zz', false],
  ['Latin-1', 'caf%e9', false],
  ['Latin-1 before the end of a parameter', 'caf%e9&a', false],
  ['a sequence with a letter in it', '%c3a%a9', false],
  ['an overlong form', '%c0%80', false],
  ['a surrogate', '%ed%a0%80', false],
]
for (const [name, text, holds] of rows) {
  test(`REQ-12: percent-encoding of UTF-8 is ${holds ? 'taken' : 'refused'}: ${name}`, () => {
    assert.equal(isPercentEncoded(text), holds)
  })
}
