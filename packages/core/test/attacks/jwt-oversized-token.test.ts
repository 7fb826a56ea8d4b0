import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { jwt } from '../../src/identity/jwt.ts'
import {
  AUDIENCE,
  claims,
  compiled,
  forged,
  HS256,
  identify,
  ISSUER,
  outcome,
  verifierOf,
} from '../support/tokens.ts'

// The attacker sends tokens that cost much to read before anything about them is known.
describe('attack: a token that is too much', () => {
  const scheme = compiled(jwt({ issuer: ISSUER, audience: AUDIENCE, keys: HS256, maxTokenLength: 65_536 }))
  const long = 'A'.repeat(5_000_000)
  const tokens: readonly [name: string, text: string][] = [
    ['five million characters', long],
    ['five million characters in three parts', `${forged({ alg: 'HS256' })}${long}`],
    ['five million dots', '.'.repeat(5_000_000)],
    ['a header of a million brackets', forged(`{"alg":"HS256","x":${'['.repeat(1e6)}`)],
  ]
  for (const [name, text] of tokens) {
    test(`JWT-16: ${name}`, () => {
      const start = performance.now()
      assert.equal(identify(scheme, text).type, 'bad')
      assert.equal(outcome(verifierOf(), text), 'token.malformed')
      // Reading the field is linear, and the token itself is not looked at; anything worse would take minutes.
      assert.ok(performance.now() - start < 2000)
    })
  }

  const shapes: readonly [name: string, json: string][] = [
    ['brackets inside one another', `{"a":${'['.repeat(2000)}${']'.repeat(2000)}}`],
    ['objects inside one another', `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`],
    ['many names', JSON.stringify(Object.fromEntries(Array.from({ length: 900 }, (_, i) => [i, 1])))],
  ]
  for (const [name, json] of shapes) {
    test(`JWT-16: ${name}, within the length`, () => {
      assert.equal(outcome(verifierOf(HS256, { maxTokenLength: 65_536 }), forged(json)), 'token.malformed')
      assert.equal(
        outcome(verifierOf(HS256, { maxTokenLength: 65_536 }), forged({ alg: 'HS256' }, json)),
        'token.malformed',
      )
    })
  }

  test('JWT-16: an encrypted token, which would have to be inflated, is not read at all', () => {
    const header = Buffer.from('{"alg":"dir","enc":"A128GCM","zip":"DEF"}').toString('base64url')
    assert.equal(outcome(verifierOf(), `${header}..AAAA.AAAA.AAAA`), 'token.malformed')
  })

  test('an honest token passes', () => {
    assert.equal(
      identify(scheme, forged({ alg: 'HS256' }, claims({ pad: 'x'.repeat(30_000) }))).type,
      'authenticated',
    )
  })
})
