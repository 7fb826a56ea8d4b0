import assert from 'node:assert/strict'
import {
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  type JsonWebKey,
  randomBytes,
} from 'node:crypto'
import { describe, test } from 'node:test'
import { compileKey, compileKeys } from '../../../src/identity/jwt/keys.ts'
import { mistakesAt, mistakesOf, place } from '../../support/compile.ts'
import { pairFor, rsaPair, SECRET } from '../../support/tokens.ts'

const jwk = (key: { export: (options: { format: 'jwk' }) => JsonWebKey }): JsonWebKey =>
  key.export({ format: 'jwk' })
const spki = (alg: Parameters<typeof pairFor>[0]): string =>
  pairFor(alg).publicKey.export({ format: 'pem', type: 'spki' }).toString()
const pkcs8 = (alg: Parameters<typeof pairFor>[0]): string =>
  pairFor(alg).privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
const octJwk = (bytes: Uint8Array): JsonWebKey => ({
  kty: 'oct',
  k: Buffer.from(bytes).toString('base64url'),
})
const verifying = (value: unknown) => mistakesOf('key', (where) => compileKey(where, value, 'verify'))
const signing = (value: unknown) => mistakesOf('key', (where) => compileKey(where, value, 'sign'))

describe('a key is taken in every honest form', () => {
  const ec = pairFor('ES256')
  const rows: readonly [name: string, value: unknown][] = [
    ['a secret text', { alg: 'HS256', key: SECRET }],
    ['secret bytes', { alg: 'HS512', key: randomBytes(64) }],
    ['a secret JWK', { alg: 'HS256', key: octJwk(randomBytes(32)) }],
    ['a secret KeyObject', { alg: 'HS384', key: createSecretKey(randomBytes(48)) }],
    ['public PEM', { alg: 'ES256', key: spki('ES256') }],
    ['public PEM in bytes', { alg: 'ES256', key: Buffer.from(spki('ES256')) }],
    ['PKCS #1 PEM', { alg: 'RS256', key: rsaPair().publicKey.export({ format: 'pem', type: 'pkcs1' }) }],
    ['a public JWK', { alg: 'ES256', key: jwk(ec.publicKey) }],
    ['a public KeyObject', { alg: 'ES256', key: ec.publicKey }],
    ['private PEM', { alg: 'ES256', key: pkcs8('ES256') }],
    ['a private JWK', { alg: 'ES256', key: jwk(ec.privateKey) }],
    ['a private KeyObject', { alg: 'ES256', key: ec.privateKey }],
    ['an Ed25519 JWK', { alg: 'Ed25519', key: jwk(pairFor('Ed25519').publicKey) }],
    ['a private JWK that says it signs', { alg: 'ES256', key: { ...jwk(ec.privateKey), key_ops: ['sign'] } }],
    [
      'a JWK that says what it is for',
      { alg: 'ES256', key: { ...jwk(ec.publicKey), alg: 'ES256', use: 'sig', key_ops: ['verify'] } },
    ],
  ]
  for (const [name, value] of rows) {
    test(name, () => assert.deepEqual(verifying(value), []))
  }

  test('of a private key only the public half is kept for verifying', () => {
    for (const key of [pkcs8('ES256'), jwk(ec.privateKey), ec.privateKey]) {
      const compiled = compileKey(place('key'), { alg: 'ES256', key }, 'verify')
      assert.equal(compiled?.key.type, 'public')
      assert.ok(compiled.key.equals(ec.publicKey))
    }
  })

  test('the kid of a JWK is that of the key', () => {
    const key = { ...jwk(ec.publicKey), kid: 'one' }
    assert.equal(compileKey(place('key'), { alg: 'ES256', key }, 'verify')?.kid, 'one')
    assert.deepEqual(verifying({ alg: 'ES256', key, kid: 'two' }), ['contradiction key.kid'])
  })
})

describe('JWT-04: a key is for the one algorithm that it is given', () => {
  const ec = pairFor('ES256')
  const rows: readonly [name: string, value: unknown, mistake: string][] = [
    ['an RSA key for ES256', { alg: 'ES256', key: rsaPair().publicKey }, 'contradiction key.key'],
    ['an EC key for RS256', { alg: 'RS256', key: ec.publicKey }, 'contradiction key.key'],
    [
      'an Ed25519 key for ES256',
      { alg: 'ES256', key: pairFor('Ed25519').publicKey },
      'contradiction key.key',
    ],
    ['a P-256 key for ES384', { alg: 'ES384', key: ec.publicKey }, 'contradiction key.key'],
    ['a P-256 JWK for ES384', { alg: 'ES384', key: jwk(ec.publicKey) }, 'contradiction key.key'],
    [
      'a secp256k1 key for ES256',
      { alg: 'ES256', key: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey },
      'contradiction key.key',
    ],
    [
      'an Ed448 key for EdDSA',
      { alg: 'EdDSA', key: generateKeyPairSync('ed448').publicKey },
      'contradiction key.key',
    ],
    [
      'an X25519 key for Ed25519',
      { alg: 'Ed25519', key: generateKeyPairSync('x25519').publicKey },
      'contradiction key.key',
    ],
    ['a public KeyObject for HS256', { alg: 'HS256', key: ec.publicKey }, 'wrong_type key.key'],
    [
      'a secret KeyObject for RS256',
      { alg: 'RS256', key: createSecretKey(randomBytes(32)) },
      'contradiction key.key',
    ],
    ['a secret text for RS256', { alg: 'RS256', key: SECRET }, 'wrong_type key.key'],
    [
      'a JWK for another algorithm',
      { alg: 'PS256', key: { ...jwk(rsaPair().publicKey), alg: 'RS256' } },
      'contradiction key.key',
    ],
    [
      'a JWK for encryption',
      { alg: 'RS256', key: { ...jwk(rsaPair().publicKey), use: 'enc' } },
      'contradiction key.key',
    ],
    [
      'a JWK with other operations',
      { alg: 'RS256', key: { ...jwk(rsaPair().publicKey), key_ops: ['encrypt'] } },
      'contradiction key.key',
    ],
    [
      'a JWK with one operation twice',
      { alg: 'RS256', key: { ...jwk(rsaPair().publicKey), key_ops: ['verify', 'verify'] } },
      'contradiction key.key',
    ],
    [
      'a public JWK that says it signs',
      { alg: 'RS256', key: { ...jwk(rsaPair().publicKey), key_ops: ['sign'] } },
      'contradiction key.key',
    ],
    ['an oct JWK for RS256', { alg: 'RS256', key: octJwk(randomBytes(32)) }, 'contradiction key.key'],
    ['an RSA JWK for HS256', { alg: 'HS256', key: jwk(rsaPair().publicKey) }, 'contradiction key.key'],
    ['a JWK without kty', { alg: 'HS256', key: { k: 'AAAA' } }, 'contradiction key.key'],
  ]
  for (const [name, value, mistake] of rows) {
    test(`JWT-04: ${name} is refused`, () => assert.deepEqual(verifying(value), [mistake]))
  }

  test('JWT-04: one key is not for two algorithms', () => {
    const both = [
      { alg: 'RS256', key: rsaPair().publicKey },
      { alg: 'PS256', key: spki('PS256') },
    ]
    assert.deepEqual(
      mistakesOf('keys', (where) => compileKeys(where, both, 'verify')),
      ['duplicate_value keys[1]'],
    )
  })

  test('JWT-17: one key may go by Ed25519 and EdDSA, when both are configured', () => {
    const { publicKey } = pairFor('Ed25519')
    const both = [
      { alg: 'Ed25519', key: publicKey },
      { alg: 'EdDSA', key: publicKey },
    ]
    assert.deepEqual(
      mistakesOf('keys', (where) => compileKeys(where, both, 'verify')),
      [],
    )
  })
})

describe('JWT-08: weak keys are refused', () => {
  const weakRsa = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const { n } = jwk(rsaPair().publicKey)
  const rsaWith = (e: string): JsonWebKey => ({ kty: 'RSA', n: n ?? '', e })
  const ec = jwk(pairFor('ES256').publicKey)
  const rows: readonly [name: string, value: unknown, mistake: string][] = [
    ['a secret of 31 bytes for HS256', { alg: 'HS256', key: randomBytes(31) }, 'out_of_range key.key'],
    ['a secret of 47 bytes for HS384', { alg: 'HS384', key: randomBytes(47) }, 'out_of_range key.key'],
    ['a secret of 63 bytes for HS512', { alg: 'HS512', key: randomBytes(63) }, 'out_of_range key.key'],
    ['an empty secret', { alg: 'HS256', key: '' }, 'out_of_range key.key'],
    ['a short secret JWK', { alg: 'HS256', key: octJwk(randomBytes(16)) }, 'out_of_range key.key'],
    [
      'a short secret KeyObject',
      { alg: 'HS256', key: createSecretKey(randomBytes(16)) },
      'out_of_range key.key',
    ],
    ['RSA of 1024 bits', { alg: 'RS256', key: weakRsa.publicKey }, 'out_of_range key.key'],
    ['the exponent 1', { alg: 'RS256', key: rsaWith('AQ') }, 'unsafe_value key.key'],
    ['an even exponent', { alg: 'PS256', key: rsaWith('BA') }, 'unsafe_value key.key'],
    ['an empty exponent', { alg: 'RS256', key: rsaWith('') }, 'malformed_value key.key'],
    [
      'a point that is not on the curve',
      { alg: 'ES256', key: { ...ec, y: ec.x ?? '' } },
      'malformed_value key.key',
    ],
    [
      'a coordinate with a zero in front',
      {
        alg: 'ES256',
        key: {
          ...ec,
          x: Buffer.concat([Buffer.alloc(1), Buffer.from(ec.x ?? '', 'base64url')]).toString('base64url'),
        },
      },
      'malformed_value key.key',
    ],
    [
      'a coordinate in padded base64',
      { alg: 'ES256', key: { ...ec, x: `${ec.x}=` } },
      'malformed_value key.key',
    ],
    [
      'a JWK without a coordinate',
      { alg: 'ES256', key: { kty: 'EC', crv: 'P-256', x: ec.x } },
      'malformed_value key.key',
    ],
  ]
  for (const [name, value, mistake] of rows) {
    test(`JWT-08: ${name}`, () => assert.deepEqual(verifying(value), [mistake]))
  }

  for (const point of [
    '00'.repeat(32),
    `01${'00'.repeat(31)}`,
    `01${'00'.repeat(30)}80`,
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    `ec${'ff'.repeat(30)}7f`,
    `ed${'ff'.repeat(31)}`,
    `ee${'ff'.repeat(30)}7f`,
  ]) {
    test(`JWT-08: the Ed25519 point of small order ${point.slice(0, 8)}…${point.slice(-2)}`, () => {
      const key = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(point, 'hex').toString('base64url') }
      assert.deepEqual(verifying({ alg: 'Ed25519', key }), ['unsafe_value key.key'])
      assert.deepEqual(verifying({ alg: 'EdDSA', key: createPublicKey({ key, format: 'jwk' }) }), [
        'unsafe_value key.key',
      ])
    })
  }
})

describe('JWT-19: the text of a key is no HMAC secret', () => {
  const pem = spki('RS256')
  const der = rsaPair().publicKey.export({ format: 'der', type: 'spki' })
  const rows: readonly [name: string, key: unknown][] = [
    ['public PEM', pem],
    ['public PEM with white space in front', `\n \t${pem}`],
    ['public PEM with a byte order mark', `\ufeff${pem}`],
    ['public PEM after a comment', `# the key of the issuer\n${pem}`],
    ['public PEM with CRLF', pem.replaceAll('\n', '\r\n')],
    ['public PEM in bytes', Buffer.from(pem)],
    ['public PEM in a KeyObject', createSecretKey(Buffer.from(pem))],
    ['public PEM in a JWK', octJwk(Buffer.from(pem))],
    ['PKCS #1 PEM', rsaPair().publicKey.export({ format: 'pem', type: 'pkcs1' })],
    ['private PEM', pkcs8('ES256')],
    ['a PEM without its armour', pem.replaceAll(/-----[A-Z ]+-----/g, '')],
    ['a PEM on one line without its armour', der.toString('base64')],
    ['DER', der],
    ['PKCS #1 DER', rsaPair().publicKey.export({ format: 'der', type: 'pkcs1' })],
    ['an EC key in DER', pairFor('ES256').publicKey.export({ format: 'der', type: 'spki' })],
    ['DER in hexadecimal', der.toString('hex')],
    [
      'DER in hexadecimal, as openssl prints it',
      der
        .toString('hex')
        .toUpperCase()
        .replace(/(..)(?=.)/g, '$1:'),
    ],
    ['the Base64 of a PEM', Buffer.from(pem).toString('base64')],
    ['the base64url of a PEM', Buffer.from(pem).toString('base64url')],
    ['the hexadecimal digits of a PEM', Buffer.from(pem).toString('hex')],
    ['the Base64 of a JWK', Buffer.from(JSON.stringify(jwk(rsaPair().publicKey))).toString('base64')],
    ['a PEM in UTF-16', Buffer.from(pem, 'utf16le')],
    ['a PEM in UTF-16, the other way round', Buffer.from(pem, 'utf16le').swap16()],
    ['a private key in DER', pairFor('ES256').privateKey.export({ format: 'der', type: 'pkcs8' })],
    ['a private EC key in DER', pairFor('ES256').privateKey.export({ format: 'der', type: 'sec1' })],
    ['a private RSA key in DER', rsaPair().privateKey.export({ format: 'der', type: 'pkcs1' })],
    ['certificate armour', `-----BEGIN CERTIFICATE-----\n${'A'.repeat(64)}\n-----END CERTIFICATE-----`],
    ['an SSH key', `ssh-rsa ${'A'.repeat(64)} somebody@example.com`],
    ['an SSH key with white space in front', `  ssh-ed25519 ${'A'.repeat(64)}`],
    ['the text of a JWK', JSON.stringify(jwk(rsaPair().publicKey))],
    ['the text of a JWK with white space in front', `\n  ${JSON.stringify(jwk(pairFor('ES256').publicKey))}`],
    ['the text of a secret JWK', JSON.stringify(octJwk(randomBytes(32)))],
    ['the text of a key set', JSON.stringify({ keys: [jwk(rsaPair().publicKey)] })],
  ]
  for (const [name, key] of rows) {
    test(`JWT-19: ${name}`, () =>
      assert.deepEqual(verifying({ alg: 'HS256', key }), ['unsafe_value key.key']))
  }

  test('JWT-19: random secrets are secrets, in whatever digits', () => {
    for (const digits of ['hex', 'base64', 'base64url'] as const) {
      for (let i = 0; i < 50; i++) {
        const key = randomBytes(48).toString(digits)
        assert.deepEqual(verifying({ alg: 'HS256', key }), [], key)
      }
    }
    assert.deepEqual(verifying({ alg: 'HS256', key: Buffer.alloc(32) }), [])
  })

  test('JWT-19: a random secret that starts like DER is a secret', () => {
    assert.deepEqual(
      verifying({ alg: 'HS256', key: Buffer.concat([Buffer.from([0x30]), randomBytes(40)]) }),
      [],
    )
  })
})

describe('signing keys', () => {
  const ec = pairFor('ES256')
  test('a public key cannot sign', () => {
    assert.deepEqual(signing({ alg: 'ES256', key: ec.publicKey }), ['contradiction key.key'])
    assert.deepEqual(signing({ alg: 'ES256', key: jwk(ec.publicKey) }), ['malformed_value key.key'])
    assert.deepEqual(signing({ alg: 'ES256', key: spki('ES256') }), ['malformed_value key.key'])
  })

  test('halves of two EC pairs are no key', () => {
    const own = jwk(ec.privateKey)
    const other = jwk(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)
    assert.deepEqual(signing({ alg: 'ES256', key: own }), [])
    assert.deepEqual(signing({ alg: 'ES256', key: { ...other, d: own.d } }), ['malformed_value key.key'])
  })
})

describe('lists of keys', () => {
  const secret = (kid?: string) => ({
    alg: 'HS256',
    key: randomBytes(32),
    ...(kid === undefined ? {} : { kid }),
  })
  const rows: readonly [name: string, value: unknown, mistakes: readonly string[]][] = [
    ['one key needs no list', secret(), []],
    ['an empty list', [], ['out_of_range keys']],
    ['two keys of one name', [secret('a'), secret('a')], ['duplicate_value keys[1]']],
    [
      'two keys of one name and two algorithms',
      [secret('a'), { alg: 'HS512', key: randomBytes(64), kid: 'a' }],
      [],
    ],
    [
      'one key twice',
      [
        { alg: 'HS256', key: SECRET },
        { alg: 'HS256', key: SECRET },
      ],
      ['duplicate_value keys[1]'],
    ],
    ['eight keys of one algorithm', Array.from({ length: 8 }, () => secret()), []],
    ['nine keys of one algorithm', Array.from({ length: 9 }, () => secret()), ['out_of_range keys']],
    ['a text', SECRET, ['wrong_type keys']],
    ['no algorithm', { key: SECRET }, ['missing_option keys.alg']],
    ['no key', { alg: 'HS256' }, ['missing_option keys.key']],
    ['an unknown option', { alg: 'HS256', key: SECRET, id: 'x' }, ['unknown_option keys.id']],
    ['an empty name', { alg: 'HS256', key: SECRET, kid: '' }, ['malformed_value keys.kid']],
  ]
  for (const [name, value, mistakes] of rows) {
    test(name, () =>
      assert.deepEqual(
        mistakesOf('keys', (where) => compileKeys(where, value, 'verify')),
        mistakes,
      ),
    )
  }

  for (const alg of [
    'none',
    'None',
    'nOnE',
    'hs256',
    'HS256 ',
    'HS255',
    'ES256K',
    'Ed448',
    'toString',
    '__proto__',
    '',
  ]) {
    test(`JWT-03: there is no algorithm "${alg}"`, () => {
      assert.deepEqual(verifying({ alg, key: SECRET }), ['malformed_value key.alg'])
    })
  }
})

test('LOG-02: no mistake contains any part of a key', () => {
  const marker = 'Xq7'
  const hidden: readonly unknown[] = [
    { alg: 'HS256', key: marker },
    { alg: 'HS256', key: `-----BEGIN PUBLIC KEY-----\n${marker}` },
    { alg: 'RS256', key: `-----BEGIN PUBLIC KEY-----\n${marker}\n-----END PUBLIC KEY-----` },
    { alg: 'RS256', key: marker },
    { alg: 'ES256', key: { kty: 'EC', crv: marker, x: marker, y: marker } },
    { alg: 'ES256', key: { kty: 'EC', crv: 'P-256', x: `${marker}=`, y: marker } },
    { alg: marker, key: marker },
    marker,
  ]
  for (const value of hidden) {
    const where = place('key')
    compileKey(where, value, 'sign')
    const mistakes = mistakesAt(where)
    assert.ok(mistakes.length > 0)
    assert.ok(!JSON.stringify(mistakes).includes(marker))
  }
})
