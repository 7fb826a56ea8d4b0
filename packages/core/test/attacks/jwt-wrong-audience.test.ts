import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { jwt } from '../../src/identity/jwt.ts'
import { otherAudiences } from '../support/attacks.ts'
import { AUDIENCE, compiled, HS256, identify, ISSUER, token } from '../support/tokens.ts'

// The attacker runs an honest service of the same issuer, and replays here what its users sent there.
describe('attack: a token for another service', () => {
  for (const [name, aud] of otherAudiences(AUDIENCE)) {
    test(`JWT-11: ${name}`, () => {
      const one = compiled(jwt({ issuer: ISSUER, audience: AUDIENCE, keys: HS256 }))
      const two = compiled(
        jwt({ issuer: ISSUER, audience: ['https://x.example.com', AUDIENCE], keys: HS256 }),
      )
      assert.equal(identify(one, token({ aud })).type, 'bad')
      assert.equal(identify(two, token({ aud })).type, 'bad')
    })
  }

  // JWT-14: the client of an application holds an ID token, and its audience is that application.
  test('JWT-14: an ID token opens nothing, even where an API goes by the name of its client', () => {
    const client = 'client-123'
    const lax = compiled(jwt({ issuer: ISSUER, audience: client, keys: HS256 }))
    const strict = compiled(jwt({ issuer: ISSUER, audience: client, keys: HS256, typ: 'at+jwt' }))
    assert.equal(identify(lax, token({ aud: client, nonce: 'n', at_hash: 'h' })).type, 'bad')
    assert.equal(identify(strict, token({ aud: client, nonce: 'n' })).type, 'bad')
  })
})
