import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { claims, forged, outcome, verifierOf } from '../support/tokens.ts'

// The attacker gets an issuer to copy a name of theirs into the claims, so that two readers see two different ones.
describe('attack: one claim twice', () => {
  const verify = verifierOf()
  const honest = JSON.stringify(claims()).slice(1)
  const extra: readonly [name: string, json: string][] = [
    ['another subject in front', '"sub":"root",'],
    ['the same subject', '"sub":"alice",'],
    ['an escaped name', '"\\u0073ub":"root",'],
    ['a name in another escape', '"s\\u0075b":"root",'],
    ['an expiry', '"exp":99999999999,'],
    ['an audience', '"aud":["x"],'],
    ['a claim nobody reads', '"x":1,"x":2,'],
    ['inside an object', '"x":{"roles":[],"roles":["admin"]},'],
    ['inside a list', '"x":[{"a":1,"a":1}],'],
    ['the prototype', '"__proto__":{"roles":["admin"]},'],
    ['the prototype, escaped', '"\\u005f_proto__":{"roles":["admin"]},'],
  ]
  for (const [name, json] of extra) {
    test(`JWT-07: ${name}`, () => {
      assert.equal(outcome(verify, forged({ alg: 'HS256' }, `{${json}${honest}`)), 'token.malformed')
    })
  }

  const headers: readonly [name: string, json: string][] = [
    ['another algorithm in front', '{"alg":"none","alg":"HS256"}'],
    ['another algorithm behind', '{"alg":"HS256","alg":"none"}'],
    ['another type', '{"alg":"HS256","typ":"JWT","typ":"dpop+jwt"}'],
    ['an escaped crit', '{"alg":"HS256","crit":["x"],"\\u0063rit":[]}'],
  ]
  for (const [name, json] of headers) {
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
