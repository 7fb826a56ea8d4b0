import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  escapeControls,
  escapeForLog,
  isFieldValue,
  isToken,
  isVisibleAscii,
  quotedString,
} from '../../src/lib/chars.ts'
import { anyText } from './any-text.ts'

// What must never reach a log: controls, line separators, bidirectional controls, lone surrogates.
const HARMFUL = /[\p{Cc}\u2028\u2029]|\p{Bidi_Control}|\p{Surrogate}/u

test('LOG-03: no text puts a harmful character or more than the cap into a log', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 60 }), (text, max) => {
      const out = escapeForLog(text, max)
      assert.ok(out.length <= max)
      assert.doesNotMatch(out, HARMFUL)
    }),
    { numRuns: 2000 },
  )
})

test('LOG-03: what was escaped in part is made harmless, and what was escaped stays as it is', () => {
  fc.assert(
    fc.property(anyText, anyText, (text, other) => {
      const out = escapeControls(`${escapeForLog(text)} ${other}`, 60)
      assert.ok(out.length <= 60)
      assert.doesNotMatch(out, HARMFUL)
      const once = escapeForLog(text)
      assert.equal(escapeControls(once), once)
    }),
    { numRuns: 1000 },
  )
})

test('LOG-03: two texts never become one line, and plain text stays as it is', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const out = escapeForLog(text)
      const back = out.replace(/\\(?:\\|u([0-9a-f]{4}))/g, (_, hex: string | undefined) =>
        hex === undefined ? '\\' : String.fromCharCode(Number.parseInt(hex, 16)),
      )
      assert.equal(back, text)
      if (!HARMFUL.test(text) && !text.includes('\\')) assert.equal(out, text)
    }),
    { numRuns: 2000 },
  )
})

test('AUT-01: a quoted-string gives back its text and ends where it should', () => {
  fc.assert(
    fc.property(anyText.filter(isFieldValue), (text) => {
      const quoted = quotedString(text)
      // RFC 9110 §5.6.4, quoted-string.
      assert.match(quoted, /^"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*"$/)
      assert.equal(quoted.slice(1, -1).replace(/\\(.)/g, '$1'), text)
    }),
  )
})

test('HDR-07: the predicates agree with the grammar of RFC 9110', () => {
  const text = fc.oneof(
    anyText,
    fc.string(),
    fc.string({ unit: fc.constantFrom('a', 'Z', '-', '~', '\t', '\n', 'é') }),
  )
  fc.assert(
    fc.property(text, (value) => {
      assert.equal(isToken(value), /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(value))
      assert.equal(isFieldValue(value), /^[\t\x20-\x7e\x80-\xff]*$/.test(value))
      assert.equal(isVisibleAscii(value), /^[\x21-\x7e]+$/.test(value))
    }),
    { numRuns: 1000 },
  )
})
