import assert from 'node:assert/strict'
import { constants, createHmac, sign } from 'node:crypto'
import { describe, test } from 'node:test'
import { claims, outcome, pairFor, part, rsaPair, SECRET, verifierOf } from '../support/tokens.ts'

// The attacker has a signature that the right key made, by an algorithm that this key is not for (RFC 8725 §3.1).
describe('attack: the right key by the wrong algorithm', () => {
  const { privateKey, publicKey } = rsaPair()
  const payload = part(JSON.stringify(claims()))
  const pss = { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
  const signedBy = (alg: string, make: (signed: Buffer) => Buffer): string => {
    const signed = `${part(JSON.stringify({ alg }))}.${payload}`
    return `${signed}.${make(Buffer.from(signed)).toString('base64url')}`
  }

  const rows: readonly [name: string, alg: 'RS256' | 'PS256', text: string, expected: string][] = [
    [
      'PS256 for a key of RS256',
      'RS256',
      signedBy('PS256', (signed) => sign('sha256', signed, pss)),
      'token.wrong-algorithm',
    ],
    [
      'PSS that says it is RS256',
      'RS256',
      signedBy('RS256', (signed) => sign('sha256', signed, pss)),
      'token.bad-signature',
    ],
    [
      'RS256 for a key of PS256',
      'PS256',
      signedBy('RS256', (signed) => sign('sha256', signed, privateKey)),
      'token.wrong-algorithm',
    ],
    [
      'PKCS #1 that says it is PS256',
      'PS256',
      signedBy('PS256', (signed) => sign('sha256', signed, privateKey)),
      'token.bad-signature',
    ],
    [
      'RS512 for a key of RS256',
      'RS256',
      signedBy('RS512', (signed) => sign('sha512', signed, privateKey)),
      'token.wrong-algorithm',
    ],
    [
      'RS1 for a key of RS256',
      'RS256',
      signedBy('RS1', (signed) => sign('sha1', signed, privateKey)),
      'token.wrong-algorithm',
    ],
    [
      'SHA-1 that says it is RS256',
      'RS256',
      signedBy('RS256', (signed) => sign('sha1', signed, privateKey)),
      'token.bad-signature',
    ],
    [
      'SHA-512 that says it is RS256',
      'RS256',
      signedBy('RS256', (signed) => sign('sha512', signed, privateKey)),
      'token.bad-signature',
    ],
    [
      'PSS without a salt',
      'PS256',
      signedBy('PS256', (signed) => sign('sha256', signed, { ...pss, saltLength: 0 })),
      'token.bad-signature',
    ],
    [
      'PSS with a longer salt',
      'PS256',
      signedBy('PS256', (signed) => sign('sha256', signed, { ...pss, saltLength: 64 })),
      'token.bad-signature',
    ],
    ['PS256, as it should be', 'PS256', signedBy('PS256', (signed) => sign('sha256', signed, pss)), 'ok'],
  ]
  for (const [name, alg, text, expected] of rows) {
    test(`JWT-04: ${name}`, () => assert.equal(outcome(verifierOf({ alg, key: publicKey }), text), expected))
  }

  test('JWT-04: a DER signature for ES256', () => {
    const pair = pairFor('ES256')
    const verify = verifierOf({ alg: 'ES256', key: pair.publicKey })
    const der = signedBy('ES256', (signed) => sign('sha256', signed, pair.privateKey))
    assert.equal(outcome(verify, der), 'token.bad-signature')
  })

  test('JWT-04: a short HMAC that says it is HS256', () => {
    for (const [hash, bytes] of [
      ['sha256', 16],
      ['sha512', 32],
      ['sha512', 64],
      ['md5', 16],
    ] as const) {
      const text = signedBy('HS256', (signed) =>
        createHmac(hash, SECRET).update(signed).digest().subarray(0, bytes),
      )
      assert.equal(outcome(verifierOf(), text), 'token.bad-signature')
    }
  })

  test('JWT-17: EdDSA for a key of Ed25519, and the other way round', () => {
    const { privateKey: own, publicKey: half } = pairFor('Ed25519')
    for (const [alg, other] of [
      ['Ed25519', 'EdDSA'],
      ['EdDSA', 'Ed25519'],
    ] as const) {
      const text = signedBy(other, (signed) => sign(null, signed, own))
      assert.equal(outcome(verifierOf({ alg, key: half }), text), 'token.wrong-algorithm')
    }
  })
})
