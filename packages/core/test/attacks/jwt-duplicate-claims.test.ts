import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DOUBLED_CLAIMS, doubledHeaders } from '../support/attacks.ts'
import { claims, forged, outcome, verifierOf } from '../support/tokens.ts'

// The attacker gets an issuer to copy a name of theirs into the claims, so that two readers see two different ones.
describe('attack: one claim twice', () => {
  const verify = verifierOf()
  const honest = JSON.stringify(claims()).slice(1)
  for (const [name, json] of DOUBLED_CLAIMS) {
    test(`JWT-07: ${name}`, () => {
      assert.equal(outcome(verify, forged({ alg: 'HS256' }, `{${json}${honest}`)), 'token.malformed')
    })
  }

  for (const [name, json] of doubledHeaders('HS256')) {
    test(`JWT-07: in the header, ${name}`, () =>
      assert.equal(outcome(verify, forged(json)), 'token.malformed'))
  }

  test('names that differ in case are two names', () => {
    assert.equal(outcome(verify, forged({ alg: 'HS256' }, `{"Sub":"root","SUB":"root",${honest}`)), 'ok')
    const result = verify(forged({ alg: 'HS256' }, `{"Sub":"root",${honest}`))
    assert.ok(result.ok && result.claims.sub === 'alice')
  })

  test('a polluted prototype says nothing in the place of a claim', () => {
    const prototype = Object.prototype as unknown as Record<string, unknown>
    const { sub: _, ...nobody } = claims()
    try {
      prototype['sub'] = 'root'
      prototype['kid'] = 7
      prototype['jti'] = 7
      assert.equal(
        outcome(verify, forged('{"alg":"HS256"}', JSON.stringify(nobody))),
        'token.claim-malformed',
      )
      assert.equal(outcome(verify, forged('{"alg":"HS256"}')), 'ok')
    } finally {
      for (const name of ['sub', 'kid', 'jti']) delete prototype[name]
    }
  })
})
