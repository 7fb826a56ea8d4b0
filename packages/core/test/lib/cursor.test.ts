import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isOwsCode, quotedString } from '../../src/lib/chars.ts'
import { type Cursor, readToken, readTokenOrQuoted, skipOws } from '../../src/lib/cursor.ts'

test('PRX-06: white space of a field is SP and HTAB, and nothing else', () => {
  const found = Array.from({ length: 0x300 }, (_, code) => code).filter(isOwsCode)
  assert.deepEqual(found, [0x09, 0x20])
})

test('PRX-06: a cursor goes past white space and tokens, and stays where neither is', () => {
  const cursor: Cursor = { text: ' \ta-b;', at: 0 }
  skipOws(cursor)
  assert.equal(cursor.at, 2)
  assert.equal(readToken(cursor), 'a-b')
  assert.equal(cursor.at, 5)
  skipOws(cursor)
  assert.equal(readToken(cursor), '')
  assert.equal(cursor.at, 5)
})

const rows: readonly [text: string, value: string | undefined, at: number][] = [
  ['abc,', 'abc', 3],
  ['"a b"c', 'a b', 5],
  ['"a\\"b\\\\"', 'a"b\\', 8],
  ['""', '', 2],
  ['"\u00e9\t"', '\u00e9\t', 4],
]
for (const [text, value, at] of rows) {
  test(`PRX-06: ${JSON.stringify(text)} is a token or a quoted-string`, () => {
    const cursor: Cursor = { text, at: 0 }
    assert.equal(readTokenOrQuoted(cursor), value)
    assert.equal(cursor.at, at)
  })
}

for (const text of [
  '',
  ',',
  ' a',
  '"',
  '"a',
  '"a\\',
  '"a\\"',
  '"\n"',
  '"\\\u0000"',
  '"\u007f"',
  '"\u0100"',
]) {
  test(`PRX-06: ${JSON.stringify(text)} is neither a token nor a quoted-string`, () => {
    assert.equal(readTokenOrQuoted({ text, at: 0 }), undefined)
  })
}

test('AUT-01: what was written as a quoted-string is read as it was', () => {
  for (let code = 0x20; code <= 0xff; code++) {
    if (code === 0x7f) continue
    const text = `a${String.fromCharCode(code)}`
    assert.equal(readTokenOrQuoted({ text: quotedString(text), at: 0 }), text)
  }
})
