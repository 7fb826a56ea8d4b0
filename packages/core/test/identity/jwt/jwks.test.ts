import assert from 'node:assert/strict'
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { describe, test } from 'node:test'
import type { JwtAlgorithm } from '../../../src/identity/jwt/algorithms.ts'
import { readJwks } from '../../../src/identity/jwt/jwks.ts'
import { pairFor, rsaPair } from '../../support/tokens.ts'

type Jwk = JsonWebKey & Record<string, unknown>

const ALL: readonly JwtAlgorithm[] = ['RS256', 'ES256', 'PS256', 'Ed25519', 'EdDSA', 'ES384']

const publicJwk = (alg: JwtAlgorithm, more: object = {}): Jwk => ({
  ...pairFor(alg).publicKey.export({ format: 'jwk' }),
  ...more,
})
const freshEc = (more: object = {}): Jwk => ({
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  ...more,
})
const RSA = publicJwk('RS256', { kid: 'r' })
const EC = publicJwk('ES256', { kid: 'e' })
const ED = publicJwk('Ed25519', { kid: 'd' })

/** What a set gives, as `alg kid`; `undefined` when it is refused. */
function read(
  keys: readonly unknown[],
  algorithms: readonly JwtAlgorithm[] = ALL,
): readonly string[] | undefined {
  return readJwks({ keys }, algorithms)?.keys.map((key) => `${key.alg} ${key.kid ?? '-'}`)
}

describe('a key of a set', () => {
  const rows: readonly [name: string, key: unknown, gives: readonly string[], algorithms?: JwtAlgorithm[]][] =
    [
      ['that names its algorithm', { ...EC, alg: 'ES256', use: 'sig' }, ['ES256 e']],
      ['that says what it is for', { ...EC, use: 'sig', key_ops: ['verify'] }, ['ES256 e']],
      ['of an algorithm that is not the first', { ...RSA, alg: 'PS256' }, ['PS256 r']],
      ['without algorithm is for the one that fits', EC, ['ES256 e']],
      ['without algorithm is for the first that fits, alone', RSA, ['RS256 r']],
      ['without algorithm is for the first that the policy names', RSA, ['PS256 r'], ['PS256', 'RS256']],
      ['of Ed25519 without algorithm goes by both names', ED, ['Ed25519 d', 'EdDSA d']],
      ['of Ed25519 goes by the name that is allowed', ED, ['EdDSA d'], ['EdDSA', 'ES256']],
      ['of Ed25519 with a name goes by that alone', { ...ED, alg: 'EdDSA' }, ['EdDSA d']],
      ['without name', publicJwk('ES256'), ['ES256 -']],
      ['with certificates that nobody looks at', { ...EC, x5c: ['MIIB'], x5t: 'a' }, ['ES256 e']],
      ['to encrypt', { ...RSA, use: 'enc' }, []],
      ['for some other use', { ...EC, use: 'tls' }, []],
      ['with a use that is no text', { ...EC, use: ['sig'] }, []],
      ['that may not verify', { ...EC, key_ops: ['sign'] }, []],
      ['with operations that are no list', { ...EC, key_ops: 'verify' }, []],
      ['with an operation twice', { ...EC, key_ops: ['verify', 'verify'] }, []],
      ['of an algorithm that is not allowed', { ...RSA, alg: 'RS512' }, []],
      ['of an algorithm that nobody knows', { ...EC, alg: 'ES256K' }, []],
      ['of the algorithm none', { ...EC, alg: 'none' }, []],
      ['of an algorithm in lower case', { ...EC, alg: 'es256' }, []],
      ['of a symmetric algorithm', { ...RSA, alg: 'HS256' }, [], ['HS256', 'RS256']],
      ['with an algorithm that is no text', { ...EC, alg: ['ES256'] }, []],
      ['of another type than its algorithm', { ...RSA, alg: 'ES256' }, []],
      ['on another curve than its algorithm', { ...EC, alg: 'ES384' }, []],
      ['on a curve that is not allowed', publicJwk('ES512', { kid: 'x' }), []],
      ['of a type that nobody knows', { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AA', kid: 'q' }, []],
      ['without type', { ...EC, kty: undefined }, []],
      ['with a point that is not on the curve', { ...EC, y: EC.x }, []],
      ['without a coordinate', { ...EC, y: undefined }, []],
      ['with lenient base64', { ...EC, x: `${EC.x}=` }, []],
      ['of 1024 bits', weakRsa(), []],
      ['with the exponent one', { ...RSA, e: 'AQ' }, []],
      [
        'of small order',
        { kty: 'OKP', crv: 'Ed25519', x: 'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
        [],
      ],
      ['with a name that is no text', { ...EC, kid: 7 }, []],
      ['with an empty name', { ...EC, kid: '' }, []],
      ['with a name of 256 characters', { ...EC, kid: 'k'.repeat(256) }, [`ES256 ${'k'.repeat(256)}`]],
      ['with a longer name', { ...EC, kid: 'k'.repeat(257) }, []],
      ['with half a character in its name', { ...EC, kid: 'a\ud800' }, []],
      ['that is no object', 'key', []],
      ['that is null', null, []],
      ['that is a list', [EC], []],
    ]
  for (const [name, key, gives, algorithms] of rows) {
    test(`JWKS-04: ${name}`, () => {
      assert.deepEqual(read([key], algorithms), gives)
      assert.equal(readJwks({ keys: [key] }, algorithms ?? ALL)?.dropped, gives.length === 0 ? 1 : 0)
    })
  }

  test('JWKS-04: stands beside others, each for one algorithm', () => {
    assert.deepEqual(read([{ ...RSA, use: 'enc' }, EC, null, RSA, ED]), [
      'ES256 e',
      'RS256 r',
      'Ed25519 d',
      'EdDSA d',
    ])
  })

  test('JWKS-04: published again for another algorithm stays with the first', () => {
    assert.deepEqual(
      read([
        { ...RSA, alg: 'RS256' },
        { ...RSA, alg: 'PS256', kid: 'p' },
      ]),
      ['RS256 r'],
    )
  })

  test('JWKS-04: may share its name with one of another algorithm, or with one to encrypt', () => {
    assert.deepEqual(read([RSA, { ...EC, kid: 'r' }, { ...RSA, use: 'enc', alg: 'RSA-OAEP' }]), [
      'RS256 r',
      'ES256 r',
    ])
  })

  test('JWKS-04: is looked at only among the first 64', () => {
    const keys = [...Array.from({ length: 63 }, () => ({ kty: 'other' })), EC, RSA]
    assert.deepEqual(read(keys), ['ES256 e'])
    assert.equal(readJwks({ keys }, ALL)?.dropped, 64)
  })

  test('JWKS-04: without name is one of eight for its algorithm', () => {
    const keys = Array.from({ length: 10 }, () => freshEc())
    const set = readJwks({ keys: [...keys, publicJwk('RS256')] }, ALL)
    assert.equal(set?.keys.length, 9)
    assert.equal(set.dropped, 2)
  })

  test('JWKS-04: has nothing left of what else the set said', () => {
    const key = readJwks({ keys: [EC] }, ALL)?.keys[0]
    assert.equal(key?.key.type, 'public')
    assert.ok(key.key.equals(pairFor('ES256').publicKey))
  })
})

describe('a set is refused whole', () => {
  const rows: readonly [name: string, keys: readonly unknown[]][] = [
    ['for a symmetric key', [EC, { kty: 'oct', k: 'c2VjcmV0', alg: 'HS256', kid: 'h' }]],
    ['for a symmetric key without secret', [EC, { kty: 'oct' }]],
    ['for a secret in a key of another type', [{ ...EC, k: 'c2VjcmV0' }]],
    ['for a private EC key', [RSA, { ...pairFor('ES256').privateKey.export({ format: 'jwk' }), kid: 'p' }]],
    ['for a private RSA key', [EC, { ...rsaPair().privateKey.export({ format: 'jwk' }), kid: 'p' }]],
    ['for a private key to encrypt', [EC, { ...RSA, d: 'AQAB', use: 'enc' }]],
    ['for a prime of an RSA key', [{ ...RSA, p: 'AQAB' }]],
    ['for the seed of a post-quantum key', [EC, { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AA', priv: 'AA' }]],
    ['for two keys of one name', [EC, freshEc({ kid: 'e' })]],
    ['for one key twice', [EC, EC]],
    ['for two keys of one name, one of them malformed', [EC, { ...EC, y: EC.x }]],
    ['for two keys of one name, one of which names its algorithm', [EC, freshEc({ kid: 'e', alg: 'ES256' })]],
  ]
  for (const [name, keys] of rows) {
    test(`JWKS-04: ${name}`, () => assert.equal(read(keys), undefined))
  }

  const others: readonly [name: string, value: unknown][] = [
    ['null', null],
    ['a list', [EC]],
    ['one key', EC],
    ['keys by name', { keys: { e: EC } }],
    ['an empty object', {}],
    ['inherited keys', Object.create({ keys: [EC] })],
  ]
  for (const [name, value] of others) {
    test(`JWKS-04: that is ${name}`, () => assert.equal(readJwks(value, ALL), undefined))
  }

  test('JWKS-04: but not for being empty, which is what the issuer says', () => {
    assert.deepEqual(readJwks({ keys: [] }, ALL), { keys: [], dropped: 0 })
  })
})

function weakRsa(): Jwk {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
  return { ...publicKey.export({ format: 'jwk' }), kid: 'w' }
}
