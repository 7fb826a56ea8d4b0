import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { jwt } from '../../src/identity/jwt.ts'
import { endlessTimes } from '../support/attacks.ts'
import { movableClock } from '../support/clock.ts'
import { AUDIENCE, claims, compiled, forged, HS256, identify, ISSUER, NOW, token } from '../support/tokens.ts'

// The attacker has a token that was good once, or one whose end no comparison ever reaches.
describe('attack: a token beyond its time', () => {
  const clock = movableClock()
  const scheme = compiled(jwt({ issuer: ISSUER, audience: AUDIENCE, keys: HS256 }), clock)
  const kindOf = (text: string): string => {
    const found = identify(scheme, text)
    return found.type === 'bad' ? found.kind : found.type
  }

  test('JWT-12: a stolen token is of no use once it has ended, for ever', () => {
    const own = movableClock()
    const timed = compiled(jwt({ issuer: ISSUER, audience: AUDIENCE, keys: HS256 }), own)
    const stolen = token({ exp: NOW + 60 })
    assert.equal(identify(timed, stolen).type, 'authenticated')
    for (const ms of [90_000, 1, 86_400_000, 10 * 365 * 86_400_000]) {
      own.advance(ms)
      assert.equal(identify(timed, stolen).type, 'bad')
    }
  })

  for (const [name, json] of endlessTimes(NOW)) {
    test(`JWT-12: an end that is ${name}`, () => {
      const { exp: _, ...rest } = claims()
      const text = forged({ alg: 'HS256' }, `{${json}${JSON.stringify(rest).slice(1)}`)
      assert.equal(kindOf(text), 'token.claim-malformed')
    })
  }

  test('JWT-12: the skew does not grow with what a token says', () => {
    assert.equal(kindOf(token({ exp: NOW - 31, iat: NOW + 10_000, nbf: NOW - 10_000 })), 'token.expired')
    assert.equal(kindOf(token({ exp: NOW - 31, leeway: 1e9, clockSkew: 1e9 })), 'token.expired')
  })
})
