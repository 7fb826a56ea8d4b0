import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileKeys } from '../../src/identity/jwt/keys.ts'
import { mistakesOf } from '../support/compile.ts'
import { claims, forged, HS256, outcome, pairFor, rsaPair, verifierOf } from '../support/tokens.ts'

// The attacker knows the public key, as everybody may, and uses its text as the secret of an HMAC (CVE-2016-10555).
describe('attack: a public key as an HMAC secret', () => {
  const { publicKey } = rsaPair()
  const ec = pairFor('ES256').publicKey
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString()
  const secrets: readonly [name: string, secret: string | Uint8Array][] = [
    ['PEM', pem],
    ['PEM without its last line break', pem.trimEnd()],
    ['PKCS #1 PEM', publicKey.export({ format: 'pem', type: 'pkcs1' }).toString()],
    ['DER', publicKey.export({ format: 'der', type: 'spki' })],
    ['the text of a JWK', JSON.stringify(publicKey.export({ format: 'jwk' }))],
    ['the PEM of an EC key', ec.export({ format: 'pem', type: 'spki' }).toString()],
    ['nothing', ''],
  ]
  const verifiers = [
    verifierOf({ alg: 'RS256', key: publicKey }),
    verifierOf([
      { alg: 'RS256', key: pem },
      { alg: 'ES256', key: ec },
    ]),
  ]
  for (const [name, secret] of secrets) {
    test(`JWT-04: ${name}`, () => {
      for (const verify of verifiers) {
        for (const alg of ['HS256', 'HS384', 'HS512']) {
          assert.equal(outcome(verify, forged({ alg }, claims(), secret)), 'token.wrong-algorithm')
        }
        assert.equal(outcome(verify, forged({ alg: 'RS256' }, claims(), secret)), 'token.bad-signature')
      }
    })

    test(`JWT-04: ${name}, beside an honest secret`, () => {
      const both = verifierOf([{ alg: 'RS256', key: publicKey }, HS256])
      assert.equal(outcome(both, forged({ alg: 'HS256' }, claims(), secret)), 'token.bad-signature')
    })

    // CVE-2023-48223: the same confusion, where the policy itself holds the key as a secret.
    test(`JWT-19: ${name}, configured as a secret with white space in front`, () => {
      const text = Buffer.concat([Buffer.from('\r\n \t'), Buffer.from(secret)])
      const configured = typeof secret === 'string' ? text : secret
      const mistakes = mistakesOf('keys', (where) =>
        compileKeys(where, { alg: 'HS256', key: configured }, 'verify'),
      )
      assert.deepEqual(mistakes, [secret === '' ? 'out_of_range keys.key' : 'unsafe_value keys.key'])
    })
  }
})
