import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { createSeal, isKeyId, type SealingKey, secretBytes } from '../../src/lib/seal.ts'

const OLD: SealingKey = { id: '2026-10', secret: randomBytes(32) }
const NEW: SealingKey = { id: '2026-11', secret: randomBytes(32) }

describe('a seal', () => {
  const seal = createSeal([NEW, OLD], 'test')

  test('CKE-01: what is sealed opens, and never looks the same twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }), (text) => {
        const sealed = seal.seal(text)
        assert.deepEqual(seal.open(sealed), { text: Buffer.from(text).toString(), stale: false })
        assert.notEqual(seal.seal(text), sealed)
        assert.match(sealed, /^2026-11\.[\w-]+$/)
      }),
      { numRuns: 200 },
    )
  })

  test('CKE-01: what an older key sealed opens, and is to be sealed again', () => {
    const sealed = createSeal([OLD], 'test').seal('x')
    assert.deepEqual(seal.open(sealed), { text: 'x', stale: true })
    assert.equal(createSeal([NEW], 'test').open(sealed), undefined)
  })

  test('CKE-01: nothing else opens: another purpose, another id, another secret', () => {
    const sealed = seal.seal('x')
    assert.equal(createSeal([NEW], 'other').open(sealed), undefined)
    assert.equal(createSeal([{ ...NEW, id: 'b' }], 'test').open(sealed.replace('2026-11', 'b')), undefined)
    assert.equal(createSeal([{ ...NEW, secret: randomBytes(32) }], 'test').open(sealed), undefined)
    assert.equal(seal.open(sealed.replace('2026-11', '2026-10')), undefined)
  })

  test('CKE-01: no character of it can be changed, taken away or added', () => {
    const sealed = seal.seal('some text')
    for (let i = 0; i < sealed.length; i++) {
      const other = sealed[i] === 'A' ? 'B' : 'A'
      assert.equal(seal.open(sealed.slice(0, i) + other + sealed.slice(i + 1)), undefined)
      assert.equal(seal.open(sealed.slice(0, i)), undefined)
    }
    assert.equal(seal.open(`${sealed}A`), undefined)
  })

  test('CKE-01: no text throws', () => {
    for (const text of ['', '.', '2026-11', '2026-11.', '2026-11.AAAA', 'x.y', 'a'.repeat(20_000)]) {
      assert.equal(seal.open(text), undefined)
    }
    fc.assert(fc.property(fc.string(), (text) => assert.equal(seal.open(`2026-11.${text}`), undefined)))
  })

  test('CKE-01: ids and secrets are read', () => {
    assert.deepEqual(['a', '2026-11', '', 'a.b', 'a'.repeat(33)].map(isKeyId), [
      true,
      true,
      false,
      false,
      false,
    ])
    assert.deepEqual(secretBytes('AAEC'), Buffer.from([0, 1, 2]))
    assert.deepEqual(secretBytes(Uint8Array.from([1])), Buffer.from([1]))
    assert.equal(secretBytes('a b'), undefined)
  })
})
