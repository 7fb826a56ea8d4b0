import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ALGORITHM_SPELLINGS } from '../support/attacks.ts'
import { claims, forged, outcome, part, verifierOf } from '../support/tokens.ts'

// The attacker writes the name of an algorithm so that one comparison refuses it and another one takes it.
describe('attack: another spelling of an algorithm', () => {
  const verify = verifierOf()
  for (const alg of ALGORITHM_SPELLINGS) {
    test(`JWT-03: ${JSON.stringify(alg)}`, () => {
      const unsigned = `${part(JSON.stringify({ alg }))}.${part(JSON.stringify(claims()))}.`
      assert.equal(outcome(verify, unsigned), 'token.wrong-algorithm')
      assert.equal(outcome(verify, forged({ alg })), 'token.wrong-algorithm')
    })
  }
})
