import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { claims, forged, outcome, part, SECRET, verifierOf } from '../support/tokens.ts'

// The attacker marks an extension as critical, and counts on a verifier that goes on without knowing it.
describe('attack: a critical extension that is not understood', () => {
  const verify = verifierOf()
  const headers: readonly [name: string, header: object | string][] = [
    ['an unknown one', { crit: ['x'], x: true }],
    ['an unknown one that is absent', { crit: ['x'] }],
    ['a registered member', { crit: ['alg'] }],
    ['exp in the header', { crit: ['exp'], exp: 1 }],
    ['an empty list', { crit: [] }],
    ['a text', { crit: 'b64' }],
    ['null', { crit: null }],
    ['false', { crit: false }],
    ['b64 without crit', { b64: false }],
    ['b64 that is true', { crit: ['b64'], b64: true }],
  ]
  for (const [name, header] of headers) {
    test(`JWT-06: ${name}`, () => {
      assert.equal(outcome(verify, forged({ alg: 'HS256', ...(header as object) })), 'token.malformed')
    })
  }

  // RFC 7797: the same bytes are two different tokens to a verifier that knows b64 and to one that does not.
  test('JWT-06: a payload that is signed as it is', () => {
    const header = part(JSON.stringify({ alg: 'HS256', b64: false, crit: ['b64'] }))
    const payload = part(JSON.stringify(claims()))
    for (const signed of [`${header}.${payload}`, `${header}.${JSON.stringify(claims())}`]) {
      const signature = createHmac('sha256', SECRET).update(signed).digest('base64url')
      assert.equal(outcome(verify, `${header}.${payload}.${signature}`), 'token.malformed')
    }
  })
})
