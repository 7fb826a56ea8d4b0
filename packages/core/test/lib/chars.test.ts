import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  escapeForLog,
  hexValue,
  isAlphaCode,
  isDigitCode,
  isFieldValue,
  isNamed,
  isToken,
  isTokenCode,
  isVisibleAscii,
  quotedString,
} from '../../src/lib/chars.ts'

/** Every code that one character of a JavaScript string can have. */
const CODES: readonly number[] = Array.from({ length: 0x10000 }, (_, code) => code)

/** Holds each predicate against a regular expression over all 65536 codes. */
function assertAgrees(predicate: (code: number) => boolean, reference: RegExp): void {
  const wrong = CODES.filter((code) => predicate(code) !== reference.test(String.fromCharCode(code)))
  assert.deepEqual(wrong, [])
}

test('COR-16: token characters are those of RFC 9110 §5.6.2 and no others', () => {
  assertAgrees(isTokenCode, /^[!#$%&'*+\-.^_`|~0-9A-Za-z]$/)
  assertAgrees((code) => isToken(String.fromCharCode(code)), /^[!#$%&'*+\-.^_`|~0-9A-Za-z]$/)
})

test('COR-16: the empty text is not a token', () => {
  assert.equal(isToken(''), false)
  assert.equal(isToken('x-request-id'), true)
  assert.equal(isToken('x request'), false)
})

test('HDR-07: CR, LF, NUL, other controls and what is not latin1 cannot be in a field value', () => {
  assertAgrees((code) => isFieldValue(String.fromCharCode(code)), /^[\t\x20-\x7e\x80-\xff]$/)
})

test('HDR-07: one bad character anywhere refuses a field value', () => {
  assert.equal(isFieldValue(''), true)
  assert.equal(isFieldValue("default-src 'none'"), true)
  assert.equal(isFieldValue('a\r\nset-cookie: b'), false)
  assert.equal(isFieldValue('a\n'), false)
})

test('AUT-06: visible ASCII has no space, no control and nothing above 0x7e', () => {
  assertAgrees((code) => isVisibleAscii(String.fromCharCode(code)), /^[\x21-\x7e]$/)
  assert.equal(isVisibleAscii(''), false)
  assert.equal(isVisibleAscii('abc def'), false)
})

test('REQ-05: letters, digits and hexadecimal digits are the ASCII ones', () => {
  assertAgrees(isAlphaCode, /^[A-Za-z]$/)
  assertAgrees(isDigitCode, /^[0-9]$/)
  assertAgrees((code) => hexValue(code) >= 0, /^[0-9A-Fa-f]$/)
  for (const digit of '0123456789abcdefABCDEF') {
    assert.equal(hexValue(digit.charCodeAt(0)), Number.parseInt(digit, 16))
  }
})

const quoted: readonly (readonly [name: string, text: string, expected: string])[] = [
  ['plain text', 'api', '"api"'],
  ['nothing', '', '""'],
  ['a quote', 'say "hi"', '"say \\"hi\\""'],
  ['a backslash', 'a\\b', '"a\\\\b"'],
  ['a backslash before a quote', '\\"', '"\\\\\\""'],
  ['a tab and latin1', 'a\té', '"a\té"'],
]

for (const [name, text, expected] of quoted) {
  test(`AUT-01: a quoted-string is written from ${name}`, () => {
    assert.equal(quotedString(text), expected)
  })
}

const escaped: readonly (readonly [name: string, text: string, expected: string])[] = [
  ['plain text', 'GET /a?b=c', 'GET /a?b=c'],
  ['CR and LF', 'a\r\nb', 'a\\u000d\\u000ab'],
  ['NUL', 'a\0b', 'a\\u0000b'],
  ['a tab', 'a\tb', 'a\\u0009b'],
  ['an ANSI colour', '\x1b[31mred', '\\u001b[31mred'],
  ['DEL', '\x7f', '\\u007f'],
  ['C1 CSI', '\x9b31m', '\\u009b31m'],
  ['NEL', '\x85', '\\u0085'],
  ['the first character after C1', '\xa0', '\xa0'],
  ['the Unicode line separator', '\u2028', '\\u2028'],
  ['the Unicode paragraph separator', '\u2029', '\\u2029'],
  ['bidirectional embeddings', '\u202a\u202e', '\\u202a\\u202e'],
  ['bidirectional isolates', '\u2066\u2069', '\\u2066\\u2069'],
  ['bidirectional marks', '\u200e\u200f\u061c', '\\u200e\\u200f\\u061c'],
  ['a lone high surrogate', '\ud83da', '\\ud83da'],
  ['a high surrogate at the end', 'a\ud83d', 'a\\ud83d'],
  ['a lone low surrogate', '\ude00', '\\ude00'],
  ['two high surrogates and a low one', '\ud83d\ud83d\ude00', '\\ud83d\ud83d\ude00'],
  ['a surrogate pair', '😀', '😀'],
  ['letters of many scripts', 'é漢\u0627', 'é漢\u0627'],
  ['a backslash, so that no escape can be forged', '\\u000a', '\\\\u000a'],
]

for (const [name, text, expected] of escaped) {
  test(`LOG-03: log text is harmless with ${name}`, () => {
    assert.equal(escapeForLog(text), expected)
  })
}

test('LOG-03: log text keeps every character but the harmful ones and the backslash', () => {
  const harmful = /[\p{Cc}\u2028\u2029\\]|\p{Bidi_Control}|\p{Surrogate}/u
  assertAgrees((code) => escapeForLog(String.fromCharCode(code)).length > 1, harmful)
})

test('LOG-03: log text keeps the first and the last surrogate pair, and not their neighbours', () => {
  const kept = '\ud800\udc00\udbff\udfff'
  assert.equal(escapeForLog(kept), kept)
  assert.equal(escapeForLog('\ud800\udbff'), '\\ud800\\udbff')
  assert.equal(escapeForLog('\ud800\ue000'), '\\ud800\ue000')
  assert.equal(escapeForLog('\udc00\udc00'), '\\udc00\\udc00')
})

const cut: readonly (readonly [name: string, text: string, max: number, expected: string])[] = [
  ['text of just the length', 'abcd', 4, 'abcd'],
  ['longer text', 'abcde', 4, 'abc…'],
  ['an escape that does not fit', 'ab\ncd', 7, 'ab…'],
  ['an escape that fits whole', 'ab\ncd', 9, 'ab\\u000a…'],
  ['an escape that ends at the bound', 'a\n', 7, 'a\\u000a'],
  ['a surrogate pair that does not fit', 'abc😀', 4, 'abc…'],
  ['a surrogate pair at the very cut', 'ab😀c', 4, 'ab…'],
  ['room for nothing but the sign', 'ab', 1, '…'],
]

for (const [name, text, max, expected] of cut) {
  test(`LOG-03: log text is capped: ${name}`, () => {
    assert.equal(escapeForLog(text, max), expected)
  })
}

test('LOG-03: log text is capped at 512 characters unless said otherwise', () => {
  assert.equal(escapeForLog('a'.repeat(512)).length, 512)
  assert.equal(escapeForLog('a'.repeat(1_000_000)), `${'a'.repeat(511)}…`)
})

const names: readonly (readonly [text: string, lower: string, same: boolean])[] = [
  ['Authorization', 'authorization', true],
  ['x-a', 'x-a', true],
  ['X-A_', 'x-a_', true],
  ['', '', true],
  ['X-A', 'x-ab', false],
  ['X-AB', 'x-a', false],
  // One bit tells these apart, as it does the cases of a letter.
  ['X\r\0', 'x-\0', false],
  ['@a', '`a', false],
  ['[a', '{a', false],
]
for (const [text, lower, same] of names) {
  test(`the name ${JSON.stringify(text)} is ${same ? '' : 'not '}${JSON.stringify(lower)}`, () => {
    assert.equal(isNamed(text, lower), same)
  })
}

test('LOG-03: a text that was escaped and is kept takes the room of its characters, and not that of every step', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const heapInUse = (): number => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const before = heapInUse()
  const kept = Array.from({ length: 1000 }, (_, index) => escapeForLog('\u738b'.repeat(250) + index, 256))
  const each = (heapInUse() - before) / kept.length
  assert.ok(each < 2_000, `${Math.round(each)} bytes for each`)
})
