import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { createSignature } from '../../src/identity/jwt/signature.ts'
import { compileKey } from '../../src/identity/jwt/keys.ts'
import { embeddedKeys } from '../support/attacks.ts'
import { place } from '../support/compile.ts'
import { claims, outcome, pairFor, part, verifierOf } from '../support/tokens.ts'

// The attacker signs with a key of their own, and sends that key, or where to fetch it, along (CVE-2018-0114).
describe('attack: a token that brings its own key', () => {
  const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = compileKey(place('key'), { alg: 'ES256', key: attacker.privateKey }, 'sign')
  assert.ok(key !== undefined)
  const verify = verifierOf({ alg: 'ES256', key: pairFor('ES256').publicKey, kid: 'real' })
  const jwk = attacker.publicKey.export({ format: 'jwk' })
  for (const [name, header] of embeddedKeys(jwk, 'real')) {
    test(`JWT-05: ${name}`, () => {
      const signed = `${part(JSON.stringify({ alg: 'ES256', ...header }))}.${part(JSON.stringify(claims()))}`
      const text = `${signed}.${createSignature(key, signed).toString('base64url')}`
      assert.equal(outcome(verify, text), 'token.unknown-key')
    })
  }
})
