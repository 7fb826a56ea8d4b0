import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { claims, forged, outcome, part, verifierOf } from '../support/tokens.ts'

// The attacker writes the name of an algorithm so that one comparison refuses it and another one takes it.
describe('attack: another spelling of an algorithm', () => {
  const verify = verifierOf()
  const spellings = [
    'None',
    'NONE',
    'nOnE',
    'noNE',
    ' none',
    'none ',
    'none\0',
    'n\u043ene',
    '\uff4e\uff4f\uff4e\uff45',
    'hs256',
    'Hs256',
    'HS256\n',
    'HS\u0662\u0665\u0666',
    'HS256,none',
    '\u212aS256',
  ]
  for (const alg of spellings) {
    test(`JWT-03: ${JSON.stringify(alg)}`, () => {
      const unsigned = `${part(JSON.stringify({ alg }))}.${part(JSON.stringify(claims()))}.`
      assert.equal(outcome(verify, unsigned), 'token.wrong-algorithm')
      assert.equal(outcome(verify, forged({ alg })), 'token.wrong-algorithm')
    })
  }
})
