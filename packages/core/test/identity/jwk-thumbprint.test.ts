import assert from 'node:assert/strict'
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { describe, test } from 'node:test'
import { jwkThumbprint } from '../../src/identity/jwk-thumbprint.ts'

describe('DPP-12: the thumbprint of a key', () => {
  const rows: readonly (readonly [string, JsonWebKey, string | undefined])[] = [
    [
      'RFC 7638 §3.1, RSA, with an alg and a kid that do not count',
      {
        kty: 'RSA',
        n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
        e: 'AQAB',
        alg: 'RS256',
        kid: '2011-04-29',
      },
      'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
    ],
    [
      'RFC 8037 A.3, Ed25519',
      { crv: 'Ed25519', kty: 'OKP', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
      'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    ],
    [
      'RFC 9449 §6.1, EC',
      {
        kty: 'EC',
        x: 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs',
        y: '9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA',
        crv: 'P-256',
      },
      '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I',
    ],
    ['a secret has none', { kty: 'oct', k: 'c2VjcmV0' }, undefined],
    ['nor has a key of an unknown kind', { kty: 'XX' }, undefined],
    ['nor one without a kind', { x: 'a', y: 'b', crv: 'P-256' }, undefined],
    ['nor one that lacks a member', { kty: 'EC', crv: 'P-256', x: 'a' }, undefined],
  ]
  for (const [name, jwk, expected] of rows) {
    test(`DPP-12: ${name}`, () => assert.equal(jwkThumbprint(jwk), expected))
  }

  test('DPP-12: both halves of a pair have one thumbprint', () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const ofPublic = jwkThumbprint(pair.publicKey.export({ format: 'jwk' }))
    assert.equal(jwkThumbprint(pair.privateKey.export({ format: 'jwk' })), ofPublic)
    assert.equal(ofPublic?.length, 43)
  })

  test('DPP-12: a member that is no text, or of a prototype, makes no thumbprint', () => {
    assert.equal(jwkThumbprint({ kty: 'EC', crv: 'P-256', x: 1, y: 2 } as unknown as JsonWebKey), undefined)
    assert.equal(
      jwkThumbprint(Object.create({ kty: 'OKP', crv: 'Ed25519', x: 'a' }) as JsonWebKey),
      undefined,
    )
  })
})
