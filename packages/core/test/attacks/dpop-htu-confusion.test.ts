import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { found, proofOf, request, scheme } from '../support/dpop.ts'
import { outcome } from '../support/schemes.ts'

// The attacker runs an API that the victim calls, and hands the proofs that it gets on to this one, so the text of a
// proof's URI is made to look like ours to somebody.
describe('attack: a DPoP proof for a URI that only looks like ours', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['our host as the user', 'https://api.example.com@evil.example/orders'],
    ['our host as the user, with a password', 'https://api.example.com:443@evil.example/orders'],
    ['our host and a backslash', 'https://api.example.com\\@evil.example/orders'],
    ['our host in the query', 'https://evil.example/?https://api.example.com/orders'],
    ['our host in the fragment', 'https://evil.example/#https://api.example.com/orders'],
    ['our host in the path', 'https://evil.example/https://api.example.com/orders'],
    ['our host as the beginning of a name', 'https://api.example.com.evil.example/orders'],
    ['our host as the end of a name', 'https://evilapi.example.com/orders'],
    ['our host with letters of another script', 'https://аpi.example.com/orders'],
    ['our host with an encoded dot', 'https://api.example%2ecom/orders'],
    ['our host with a tab in it', 'https://api.exam\tple.com/orders'],
    ['a path that is cut by a fragment', 'https://api.example.com/#/orders'],
    ['a path that is cut by a query', 'https://api.example.com/?/orders'],
    ['a path with an encoded slash', 'https://api.example.com%2Forders'],
    ['a path that ends in NUL', 'https://api.example.com/orders%00'],
    ['a path that is encoded twice', 'https://api.example.com/%256Frders'],
    ['a path with dots that are not resolved', 'https://api.example.com/orders/..;/orders'],
    ['no scheme', '//api.example.com/orders'],
    ['another scheme', 'wss://api.example.com/orders'],
    ['two URIs', 'https://api.example.com/orders https://evil.example/'],
  ]
  for (const [name, htu] of rows) {
    test(`DPP-13: ${name}`, () => {
      const result = found(scheme(), request(proofOf({ claims: { htu } })))
      assert.equal(outcome(result), 'proof.mismatch')
    })
  }

  test('DPP-09: a URI in a list, or an object, is none', () => {
    for (const htu of [['https://api.example.com/orders'], { href: 'https://api.example.com/orders' }]) {
      assert.equal(outcome(found(scheme(), request(proofOf({ claims: { htu } })))), 'proof.malformed')
    }
  })

  test('DPP-13: what reaches the gate over http does not pass for https', () => {
    const asked = request(proofOf(), { scheme: 'http', fields: [['X-Forwarded-Proto', 'https']] })
    assert.equal(outcome(found(scheme(), asked)), 'proof.mismatch')
  })
})
