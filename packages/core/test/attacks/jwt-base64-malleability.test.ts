import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { outcome, pairFor, token, verifierOf } from '../support/tokens.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

// The attacker respells a token that was revoked, or is remembered by its text: other characters, the same bytes.
describe('attack: another spelling of a token', () => {
  for (const alg of ['HS256', 'ES512', 'RS256', 'Ed25519'] as const) {
    test(`JWT-09: a token of ${alg} has one spelling`, () => {
      const verify = alg === 'HS256' ? verifierOf() : verifierOf({ alg, key: pairFor(alg).publicKey })
      const text = alg === 'HS256' ? token() : token({}, { alg, key: pairFor(alg).privateKey })
      assert.equal(outcome(verify, text), 'ok')
      const [header = '', payload = '', signature = ''] = text.split('.')
      const spellings = new Set<string>()
      for (const last of ALPHABET) {
        spellings.add(`${header.slice(0, -1)}${last}.${payload}.${signature}`)
        spellings.add(`${header}.${payload.slice(0, -1)}${last}.${signature}`)
        spellings.add(`${header}.${payload}.${signature.slice(0, -1)}${last}`)
      }
      for (const extra of ['=', '==', 'A', ' ', '\n', '\r\n', '\t', '\0', '.', '%', '\u200b']) {
        spellings.add(`${header}${extra}.${payload}.${signature}`)
        spellings.add(`${header}.${payload}${extra}.${signature}`)
        spellings.add(`${header}.${payload}.${signature}${extra}`)
        spellings.add(`${extra}${header}.${payload}.${signature}`)
        spellings.add(`${header}.${payload}.${signature.slice(0, 5)}${extra}${signature.slice(5)}`)
      }
      spellings.add(text.replaceAll('-', '+').replaceAll('_', '/'))
      spellings.delete(text)
      for (const spelling of spellings)
        assert.notEqual(outcome(verify, spelling), 'ok', JSON.stringify(spelling))
    })
  }
})
