import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isToken } from '../../src/lib/chars.ts'
import { equalSecrets, keyedHash, randomId, sha256 } from '../../src/lib/digest.ts'

test('AUT-09: the digest is SHA-256 of the bytes, or of the UTF-8 of a text', () => {
  // FIPS 180-2, appendix B.1.
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
  assert.equal(sha256('abc').toString('hex'), abc)
  assert.equal(sha256(Buffer.from('abc')).toString('hex'), abc)
  assert.deepEqual(sha256('é'), sha256(Buffer.from([0xc3, 0xa9])))
})

const compared: readonly (readonly [
  name: string,
  a: string | Uint8Array,
  b: string | Uint8Array,
  expected: boolean,
])[] = [
  ['the same text', 's3cret', 's3cret', true],
  ['text and its bytes', 'sécret', Buffer.from('sécret'), true],
  ['the same bytes', Uint8Array.of(1, 2), Uint8Array.of(1, 2), true],
  ['two empty texts', '', '', true],
  ['other text of the same length', 's3cret', 's3creT', false],
  ['a prefix', 's3cret', 's3cre', false],
  ['text and nothing', 's3cret', '', false],
  ['other bytes', Uint8Array.of(1, 2), Uint8Array.of(1, 3), false],
  ['two lone surrogates, which have the same bytes', '\ud800', '\udc00', false],
  ['a lone surrogate and its replacement', '\ud800', '\ufffd', false],
  ['the replacement and a lone surrogate', '\ufffd', '\ud800', false],
  ['a surrogate pair and itself', '😀', '😀', true],
]

for (const [name, a, b, expected] of compared) {
  test(`AUT-09: secrets are ${expected ? 'equal' : 'different'}: ${name}`, () => {
    assert.equal(equalSecrets(a, b), expected)
  })
}

test('LOG-02: a keyed hash is a prefix of HMAC-SHA-256 and depends on the key', () => {
  // RFC 4231 §4.3, test case 2.
  const key = Buffer.from('Jefe')
  const text = 'what do ya want for nothing?'
  assert.equal(keyedHash(key, text), '5bdcc146bf60754e')
  assert.equal(keyedHash(key, text, 4), '5bdcc146')
  assert.equal(keyedHash(key, text, 32), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843')
  assert.notEqual(keyedHash(Buffer.from('jefe'), text), keyedHash(key, text))
})

test('LOG-01: request ids are distinct tokens with a random part of 96 bits', () => {
  const ids = Array.from({ length: 1000 }, () => randomId())
  assert.equal(new Set(ids).size, ids.length)
  for (const id of ids) {
    assert.ok(isToken(id))
    assert.match(id, /^[A-Za-z0-9_-]{16}-[0-9a-z]+$/)
  }
  assert.equal(new Set(ids.map((id) => id.slice(0, 16))).size, 1)
})
