import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { combinedKey, type KeyKind, keyPart, keyPrefix } from '../../src/limiting/keys.ts'
import { anyText } from '../property/any-text.ts'

const KINDS: readonly KeyKind[] = [
  'client',
  'principal',
  'anonymous',
  'route',
  'key',
  'tenant',
  'own',
  'unknown',
]

test('RL-27: every kind has a letter of its own, and none is the one of several', () => {
  const letters = KINDS.map((kind) => keyPart(kind, 'x')[0])
  assert.equal(new Set([...letters, combinedKey('', [])]).size, KINDS.length + 1)
})

test('RL-27: a short value of visible ASCII stands as it is, all else as a digest of fixed length', () => {
  assert.equal(keyPart('client', '203.0.113.7'), 'c=203.0.113.7')
  assert.equal(keyPart('own', 'x'.repeat(256)), `k=${'x'.repeat(256)}`)
  for (const value of ['x'.repeat(257), 'x'.repeat(1_000_000), 'a b', 'a\nb', 'é', '', '\ud800']) {
    assert.match(keyPart('own', value), /^k#[\w-]{43}$/)
  }
})

test('RL-27: nobody can write a value that looks like the digest of another', () => {
  const value = (text: string): string => keyPart('own', text).slice(1)
  const long = 'x'.repeat(300)
  assert.notEqual(value(value(long)), value(long))
  assert.notEqual(value(value(long).slice(1)), value(long))
})

test('RL-27: lone surrogates are not all one character', () => {
  assert.notEqual(keyPart('own', '\ud800'), keyPart('own', '\ud801'))
  assert.notEqual(keyPart('own', '\ud800'), keyPart('own', '\ufffd'))
})

const text = fc.oneof(
  anyText,
  fc.constantFrom('', '1', '1:', '1:a', 'c', '=', '#', 'c=', 'a1:c', '3:c=a', 'm'),
)
const part = fc.record({ kind: fc.constantFrom(...KINDS), value: text })

test('RL-27: two keys are equal only when name, kind and value are', () => {
  const keyed = fc.record({ name: text, part })
  const keyOf = ({ name, part: { kind, value } }: { name: string; part: { kind: KeyKind; value: string } }) =>
    keyPrefix(name) + keyPart(kind, value)
  fc.assert(
    fc.property(keyed, keyed, (a, b) => {
      const same = a.name === b.name && a.part.kind === b.part.kind && a.part.value === b.part.value
      assert.equal(keyOf(a) === keyOf(b), same)
    }),
    { numRuns: 2_000 },
  )
})

test('RL-27: keys of several parts are equal only when each part is, and are no key of one', () => {
  const keyed = fc.record({ name: text, parts: fc.array(part, { maxLength: 3 }) })
  const keyOf = ({ name, parts }: { name: string; parts: readonly { kind: KeyKind; value: string }[] }) =>
    combinedKey(
      keyPrefix(name),
      parts.map(({ kind, value }) => keyPart(kind, value)),
    )
  fc.assert(
    fc.property(keyed, keyed, part, (a, b, single) => {
      assert.equal(keyOf(a) === keyOf(b), JSON.stringify(a) === JSON.stringify(b))
      assert.notEqual(keyOf(a), keyPrefix(b.name) + keyPart(single.kind, single.value))
    }),
    { numRuns: 2_000 },
  )
})
