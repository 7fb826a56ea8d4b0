import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { generateApiKey, hashApiKey, parseApiKey, readKeyHash } from '../../src/identity/api-key-format.ts'

test('KEY-01: a key has its prefix, an id, and more than 128 random bits', () => {
  const { key, id, hash } = generateApiKey('acme_live')
  assert.match(key, /^acme_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}$/)
  assert.ok(key.startsWith(`acme_live_${id}_`))
  assert.equal(hash, hashApiKey(key))
  assert.ok(Math.log2(62) * 32 >= 128)
})

test('KEY-01: keys differ in id and secret, and use the whole alphabet', () => {
  const keys = Array.from({ length: 200 }, () => generateApiKey('a'))
  assert.equal(new Set(keys.map(({ id }) => id)).size, keys.length)
  assert.equal(new Set(keys.map(({ key }) => key.slice(15, -6))).size, keys.length)
  assert.equal(new Set(keys.flatMap(({ key }) => key.slice(15, -6).split(''))).size, 62)
})

test('KEY-01: the digest is SHA-256 in hexadecimal', () => {
  // FIPS 180-2, appendix B.1.
  assert.equal(hashApiKey('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test('KEY-01: the format of a key does not change, since keys live longer than versions', () => {
  const key = 'acme_live_0123456789AB_abcdefghijklmnopqrstuvwxyzABCDEF330Tz5'
  assert.deepEqual(parseApiKey(key), { prefix: 'acme_live', id: '0123456789AB' })
})

describe('a prefix', () => {
  for (const prefix of ['a', 'acme', 'acme_live', 'a1', 'a_1', 'x'.repeat(24)]) {
    test(`KEY-01: ${prefix} is one, and comes back`, () => {
      assert.equal(parseApiKey(generateApiKey(prefix).key)?.prefix, prefix)
    })
  }
  for (const prefix of ['', '_', 'a_', '_a', '1a', 'A', 'a-b', 'a b', 'é', 'x'.repeat(25)]) {
    test(`KEY-01: ${JSON.stringify(prefix)} is none`, () => {
      assert.throws(() => generateApiKey(prefix), TypeError)
    })
  }

  test('KEY-01: nothing is none, and plain JavaScript is told what would be', () => {
    assert.throws(() => generateApiKey(undefined as never), /^TypeError: A prefix has 1 to 24/)
  })
})

describe('the digest of a record', () => {
  const hex = hashApiKey('abc')
  const short = Buffer.from(hex, 'hex').toString('base64url')
  const rows: readonly (readonly [name: string, text: string, expected: string | undefined])[] = [
    ['hexadecimal', hex, hex],
    ['upper case', hex.toUpperCase(), hex],
    ['base64url', short, hex],
    ['too short', hex.slice(1), undefined],
    ['too long', `${hex}0`, undefined],
    ['no hexadecimal', `${hex.slice(1)}g`, undefined],
    ['padded base64', `${short}=`, undefined],
    ['base64 with bits set after the last octet', `${short.slice(0, -1)}1`, undefined],
    ['another digest', hex.slice(0, 40), undefined],
    ['nothing', '', undefined],
  ]
  for (const [name, text, expected] of rows) {
    test(`KEY-01: ${name} is ${expected === undefined ? 'refused' : 'read'}`, () => {
      assert.equal(readKeyHash(text), expected)
    })
  }
})
