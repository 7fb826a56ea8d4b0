import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeBase64, decodeBase64url, encodeBase64, encodeBase64url } from '../../src/lib/base64url.ts'
import { anyText } from './any-text.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** RFC 4648 §5, bit by bit. */
function slowDecode(text: string): number[] | undefined {
  const bytes: number[] = []
  let bits = 0
  let count = 0
  for (const character of text) {
    const value = ALPHABET.indexOf(character)
    if (value < 0) return undefined
    bits = bits * 64 + value
    count += 6
    if (count >= 8) {
      count -= 8
      bytes.push(bits >> count)
      bits &= (1 << count) - 1
    }
  }
  return bits === 0 && count < 6 ? bytes : undefined
}

const almost: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: fc.constantFrom(...ALPHABET.split('')), maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(...'AQgw_-+/= \n.'.split('')), maxLength: 9 }),
  anyText,
)

test('JWT-09: base64url is decoded exactly when, and as, the slow decoder does', () => {
  fc.assert(
    fc.property(almost, (text) => {
      const bytes = decodeBase64url(text)
      assert.deepEqual(bytes && [...bytes], slowDecode(text))
    }),
    { numRuns: 5000 },
  )
})

test('BSC-01: base64 is decoded exactly when its base64url twin is and its padding is right', () => {
  fc.assert(
    fc.property(almost, fc.nat(3), (text, padding) => {
      fc.pre(!/[+/=]/.test(text))
      const right = padding === (4 - (text.length % 4)) % 4
      const twin = text.replaceAll('-', '+').replaceAll('_', '/') + '='.repeat(padding)
      assert.deepEqual(decodeBase64(twin), right ? decodeBase64url(text) : undefined)
    }),
    { numRuns: 2000 },
  )
})

test('JWT-09: bytes come back, from one text only', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = encodeBase64url(bytes)
      assert.deepEqual(decodeBase64url(text), Buffer.from(bytes))
      assert.deepEqual(decodeBase64(encodeBase64(bytes)), Buffer.from(bytes))
      assert.equal(decodeBase64url(`${text}=`), undefined)
      assert.equal(decodeBase64url(`${text}\n`), undefined)
    }),
  )
})
