import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseKey } from '../../../src/checks/idempotency/key.ts'

const UUID = '8e03978e-40d5-43e8-bc93-6894a57f9324'

const rows: readonly (readonly [name: string, text: string, key: string | undefined])[] = [
  ['a String, as the draft has it', `"${UUID}"`, UUID],
  ['the same key without quotes, as most clients send it', UUID, UUID],
  ['a String with spaces and delimiters', '"a b,c;d"', 'a b,c;d'],
  ['a String with escapes', String.raw`"a\"b\\c"`, String.raw`a"b\c`],
  ['a bare key of visible characters', 'order:7/pay~1+x=', 'order:7/pay~1+x='],
  ['255 characters', `"${'a'.repeat(255)}"`, 'a'.repeat(255)],
  ['255 characters that are all escaped', `"${'\\\\'.repeat(255)}"`, '\\'.repeat(255)],
  ['256 characters', `"${'a'.repeat(256)}"`, undefined],
  ['256 characters without quotes', 'a'.repeat(256), undefined],
  ['more than any key', `"${'\\\\'.repeat(400)}"`, undefined],
  ['nothing', '', undefined],
  ['an empty String', '""', undefined],
  ['a String that does not end', '"abc', undefined],
  ['a String that ends in an escape', '"abc\\', undefined],
  ['a String whose end is escaped', String.raw`"abc\"`, undefined],
  ['an escape of another character', String.raw`"a\bc"`, undefined],
  ['a String and something after it', '"abc" ', undefined],
  ['a String with a parameter', '"abc";x=1', undefined],
  ['a String with a control character', '"a\tb"', undefined],
  ['a String with a character outside of ASCII', '"é"', undefined],
  ['two keys in a list', '"a", "b"', undefined],
  ['two bare keys in a list', 'a,b', undefined],
  ['a bare key with a space', 'a b', undefined],
  ['a bare key with a parameter', 'a;b', undefined],
  ['a bare key with a quote', 'a"b', undefined],
  ['a bare key with a backslash', 'a\\b', undefined],
  ['a bare key outside of ASCII', 'é', undefined],
]

for (const [name, text, key] of rows) {
  test(`IDM-01: ${name}`, () => {
    assert.equal(parseKey(text), key)
  })
}
