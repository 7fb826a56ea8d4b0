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
  pairFor,
  part,
  token,
} from '../support/tokens.ts'

// The attacker takes the signature away, and says in the header that there is none (CVE-2015-9235 and its kin).
describe('attack: a token without a signature', () => {
  const schemes = [HS256, { alg: 'ES256', key: pairFor('ES256').publicKey }] as const
  const header = part(JSON.stringify({ alg: 'none', typ: 'JWT' }))
  const payload = part(JSON.stringify(claims({ sub: 'root' })))
  const tokens: readonly [name: string, text: string][] = [
    ['an empty signature', `${header}.${payload}.`],
    ['no signature part', `${header}.${payload}`],
    ['some signature', `${header}.${payload}.${part('x')}`],
    ['a signature that fits the secret', forged({ alg: 'none' })],
    ['the algorithm of the key and an empty signature', `${token().split('.')[0]}.${payload}.`],
    ['no algorithm', `${part('{}')}.${payload}.`],
    ['null', `${part('{"alg":null}')}.${payload}.`],
    ['false', `${part('{"alg":false}')}.${payload}.`],
    ['a list', `${part('{"alg":["none"]}')}.${payload}.`],
  ]
  for (const [name, text] of tokens) {
    test(`JWT-03: ${name}`, () => {
      for (const keys of schemes) {
        const found = identify(compiled(jwt({ issuer: ISSUER, audience: AUDIENCE, keys })), text)
        assert.equal(found.type, 'bad')
      }
    })
  }
})
