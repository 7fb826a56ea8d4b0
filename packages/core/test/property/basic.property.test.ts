import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseBasic } from '../../src/identity/basic.ts'
import { anyText } from './any-text.ts'

/** RFC 7617 §2, word by word. */
function slowParse(value: string): ReturnType<typeof parseBasic> {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]*)([^]*)$/.exec(value)
  const [, scheme = '', rest = ''] = match ?? []
  if (scheme.toUpperCase() !== 'BASIC') return { type: 'other' }
  if (
    value.length > 2048 ||
    !/^ (?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(rest)
  ) {
    return { type: 'malformed' }
  }
  const bytes = Buffer.from(rest.slice(1), 'base64')
  if (bytes.toString('base64') !== rest.slice(1)) return { type: 'malformed' }
  let text = ''
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return { type: 'malformed' }
  }
  if (/\p{Cc}/u.test(text) || !text.includes(':')) return { type: 'malformed' }
  const [username = '', ...password] = text.split(':')
  return { type: 'credentials', username, password: password.join(':') }
}

const value: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('Basic ', 'basic ', 'BASIC ', 'Basic', 'Basic  ', 'Basic\t', 'Basics ', 'Bearer '),
    fc.oneof(
      anyText,
      fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('base64')),
      fc.tuple(anyText, anyText).map((pair) => Buffer.from(pair.join(':')).toString('base64')),
      fc
        .string({ unit: 'grapheme', maxLength: 12 })
        .map((text) => Buffer.from(`${text}:`).toString('base64')),
      fc.string({ unit: fc.constantFrom(...'YTpi=_-/ '.split('')), maxLength: 8 }),
    ),
    fc.constantFrom('', '', '', ' ', '=', ','),
  )
  .map((parts) => parts.join(''))

test('BSC-01: reading an Authorization field never throws, and agrees with a slow reader', () => {
  fc.assert(
    fc.property(fc.oneof(anyText, value), (text) => {
      assert.deepEqual(parseBasic(text), slowParse(text))
    }),
    { numRuns: 2000 },
  )
})

test('BSC-01: what a client encodes comes back, whatever the password', () => {
  const plain = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !/\p{Cc}/u.test(text))
  fc.assert(
    fc.property(
      plain.filter((text) => !text.includes(':')),
      plain,
      (username, password) => {
        const field = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
        assert.deepEqual(parseBasic(field), { type: 'credentials', username, password })
      },
    ),
  )
})

test('BSC-01: one name and password have one spelling', () => {
  fc.assert(
    fc.property(value, value, (one, other) => {
      const [a, b] = [parseBasic(one), parseBasic(other)]
      if (a.type !== 'credentials' || b.type !== 'credentials') return
      if (a.username !== b.username || a.password !== b.password) return
      assert.equal(one.slice(6), other.slice(6))
    }),
    { numRuns: 1000 },
  )
})
