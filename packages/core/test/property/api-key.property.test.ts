import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { generateApiKey, hashApiKey, parseApiKey, readKeyHash } from '../../src/identity/api-key-format.ts'
import { anyText } from './any-text.ts'

const ALNUM = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'.split('')

/** The form of a key, as a regular expression and a sum. */
function slowParse(key: string): { prefix: string; id: string } | undefined {
  const match =
    /^([a-z](?:[a-z0-9_]{0,22}[a-z0-9])?)_([0-9A-Za-z]{12})_[0-9A-Za-z]{32}([0-9A-Za-z]{6})$/.exec(key)
  if (match === null) return undefined
  const [, prefix = '', id = '', sum = ''] = match
  const value = sum.split('').reduce((total, character) => total * 62 + ALNUM.indexOf(character), 0)
  return value === crc32(key.slice(0, -6)) ? { prefix, id } : undefined
}

const key: fc.Arbitrary<string> = fc
  .tuple(
    fc.stringMatching(/^[a-z][a-z0-9_]{0,25}$/),
    fc.string({ unit: fc.constantFrom(...ALNUM), minLength: 11, maxLength: 13 }),
    fc.string({ unit: fc.constantFrom(...ALNUM, '_'), minLength: 31, maxLength: 33 }),
  )
  .map(([prefix, id, secret]) => {
    const body = `${prefix}_${id}_${secret}`
    let rest = crc32(body)
    let sum = ''
    for (let i = 0; i < 6; i++, rest = Math.floor(rest / 62)) sum = (ALNUM[rest % 62] ?? '') + sum
    return body + sum
  })

test('KEY-01: reading a key never throws, and agrees with a slow reader', () => {
  fc.assert(
    fc.property(fc.oneof(anyText, key), (text) => {
      assert.deepEqual(parseApiKey(text), slowParse(text))
    }),
    { numRuns: 1000 },
  )
})

test('KEY-01: one wrong character anywhere in a key is found', () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(...ALNUM, '_', '-', 'é'), (at, character) => {
      const { key: good, id } = generateApiKey('acme_live')
      const index = at % good.length
      const other = good.slice(0, index) + character + good.slice(index + 1)
      if (other === good) assert.equal(parseApiKey(other)?.id, id)
      else assert.equal(parseApiKey(other), undefined)
    }),
    { numRuns: 300 },
  )
})

test('KEY-01: a digest is read in both spellings, and nothing else is a digest', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const hash = hashApiKey(text)
      assert.equal(readKeyHash(hash), hash)
      assert.equal(readKeyHash(Buffer.from(hash, 'hex').toString('base64url')), hash)
      assert.equal(readKeyHash(text), undefined)
    }),
  )
})
