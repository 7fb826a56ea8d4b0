import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { CRITICAL_HEADERS } from '../support/attacks.ts'
import { claims, forged, outcome, part, SECRET, verifierOf } from '../support/tokens.ts'

// The attacker marks an extension as critical, and counts on a verifier that goes on without knowing it.
describe('attack: a critical extension that is not understood', () => {
  const verify = verifierOf()
  for (const [name, header] of CRITICAL_HEADERS) {
    test(`JWT-06: ${name}`, () => {
      assert.equal(outcome(verify, forged({ alg: 'HS256', ...header })), 'token.malformed')
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
