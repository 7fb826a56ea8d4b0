import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type KeyKind, keyPrefix, keyValue } from '../../src/limiting/keys.ts'
import { anyText } from '../property/any-text.ts'

const KINDS: readonly KeyKind[] = ['client', 'principal', 'anonymous', 'route', 'own', 'unknown']

test('RL-27: every kind has a letter of its own', () => {
  assert.equal(new Set(KINDS.map((kind) => keyPrefix('n', kind))).size, KINDS.length)
})

test('RL-27: a short value of visible ASCII stands as it is, all else as a digest of fixed length', () => {
  assert.equal(keyValue('203.0.113.7'), '=203.0.113.7')
  assert.equal(keyValue('x'.repeat(256)), `=${'x'.repeat(256)}`)
  for (const value of ['x'.repeat(257), 'x'.repeat(1_000_000), 'a b', 'a\nb', 'é', '', '\ud800']) {
    assert.match(keyValue(value), /^#[\w-]{43}$/)
  }
})

test('RL-27: nobody can write a value that looks like the digest of another', () => {
  const long = 'x'.repeat(300)
  assert.notEqual(keyValue(keyValue(long)), keyValue(long))
  assert.notEqual(keyValue(keyValue(long).slice(1)), keyValue(long))
})

test('RL-27: lone surrogates are not all one character', () => {
  assert.notEqual(keyValue('\ud800'), keyValue('\ud801'))
  assert.notEqual(keyValue('\ud800'), keyValue('\ufffd'))
})

test('RL-27: two keys are equal only when name, kind and value are', () => {
  const part = fc.oneof(anyText, fc.constantFrom('', '1', '1:', '1:a', 'c', '=', '#', 'c=', 'a1:c'))
  const parts = fc.record({ name: part, kind: fc.constantFrom(...KINDS), value: part })
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      const same = a.name === b.name && a.kind === b.kind && a.value === b.value
      const keyOf = (each: typeof a): string => keyPrefix(each.name, each.kind) + keyValue(each.value)
      assert.equal(keyOf(a) === keyOf(b), same)
    }),
    { numRuns: 2_000 },
  )
})
