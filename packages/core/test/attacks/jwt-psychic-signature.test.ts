import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { claims, outcome, pairFor, part, verifierOf } from '../support/tokens.ts'

/** The orders of the groups, big-endian: a signature with 0 or with the order itself fits everything (CVE-2022-21449). */
const ORDERS = {
  ES256: 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
  ES384: 'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
  ES512:
    '01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409',
} as const

// The attacker sends a signature of zeros, which a verifier without a range check takes for any message.
describe('attack: a psychic signature', () => {
  for (const alg of ['ES256', 'ES384', 'ES512'] as const) {
    const verify = verifierOf({ alg, key: pairFor(alg).publicKey })
    const signed = `${part(JSON.stringify({ alg }))}.${part(JSON.stringify(claims()))}`
    const order = Buffer.from(ORDERS[alg], 'hex')
    const zero = Buffer.alloc(order.length)
    const one = Buffer.from(zero.map((_, index) => (index === order.length - 1 ? 1 : 0)))
    const numbers = { zero, one, order }
    for (const [rName, r] of Object.entries(numbers)) {
      for (const [sName, s] of Object.entries(numbers)) {
        test(`JWT-08: ${alg} with r = ${rName} and s = ${sName}`, () => {
          const signature = Buffer.concat([r, s]).toString('base64url')
          assert.equal(outcome(verify, `${signed}.${signature}`), 'token.bad-signature')
        })
      }
    }

    test(`JWT-08: ${alg} with zeros in DER`, () => {
      const signature = Buffer.from('3006020100020100', 'hex').toString('base64url')
      assert.equal(outcome(verify, `${signed}.${signature}`), 'token.bad-signature')
    })
  }

  for (const alg of ['Ed25519', 'EdDSA', 'RS256', 'PS256'] as const) {
    test(`JWT-08: ${alg} with zeros`, () => {
      const verify = verifierOf({ alg, key: pairFor(alg).publicKey })
      const signed = `${part(JSON.stringify({ alg }))}.${part(JSON.stringify(claims()))}`
      for (const bytes of [0, 64, 256]) {
        const signature = Buffer.alloc(bytes).toString('base64url')
        assert.equal(outcome(verify, `${signed}.${signature}`), 'token.bad-signature')
      }
    })
  }
})
