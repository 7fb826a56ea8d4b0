import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { KEY_NAMES } from '../support/attacks.ts'
import { claims, forged, outcome, SECRET, verifierOf } from '../support/tokens.ts'

// The attacker puts a path, a query or a name of an object's prototype where the name of a key is looked up.
describe('attack: a name of a key that is more than a name', () => {
  const verify = verifierOf({ alg: 'HS256', key: SECRET, kid: 'k1' })
  for (const kid of KEY_NAMES) {
    test(`JWT-04: ${JSON.stringify(kid).slice(0, 60)}`, () => {
      // What an attacker hopes the key to be: an empty file, the text itself, the function that was found.
      for (const secret of ['', kid, String(Object), SECRET]) {
        assert.equal(outcome(verify, forged({ alg: 'HS256', kid }, claims(), secret)), 'token.unknown-key')
      }
    })
  }

  for (const kid of [1, true, null, ['k1'], { toString: 'k1' }]) {
    test(`JWT-04: ${JSON.stringify(kid)} is no name`, () => {
      assert.equal(outcome(verify, forged({ alg: 'HS256', kid })), 'token.malformed')
    })
  }
})
