import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { dpop } from '../../src/identity/dpop.ts'
import { jwt, type JwtOptions } from '../../src/identity/jwt.ts'
import { signJwt } from '../../src/identity/sign.ts'
import { movableClock } from '../support/clock.ts'
import { facts } from '../support/facts.ts'
import { compiled, outcomeOf } from '../support/schemes.ts'
import { AUDIENCE, claims, forged, HS256, ISSUER, NOW, token } from '../support/tokens.ts'

/*
 * An issuer signs many things with one key, and clients, proxies and logs get to see them: ID tokens, notices of a
 * logout, proofs, answers. The attacker has one that is good for its own purpose, and presents it as an access token.
 * In each of them the audience is this API, which is the worst that an issuer can do.
 */

const BASE = { issuer: ISSUER, audience: AUDIENCE, keys: HS256 } as const
const PROFILE = { client_id: 'app', iat: NOW, jti: 'one' }

const policies: readonly (readonly [name: string, options: JwtOptions])[] = [
  ['as it is without a word', BASE],
  ['with the profile of RFC 9068', { ...BASE, typ: 'at+jwt' }],
  ['with a use that is told', { ...BASE, claimValues: { token_use: 'access' } }],
]

/** What a policy makes of a token, as a bearer token. */
async function presented(options: JwtOptions, text: string): Promise<string> {
  const scheme = compiled(jwt(options), movableClock())
  return outcomeOf(await scheme.identify(facts({ fields: [['Authorization', `Bearer ${text}`]] })))
}

/** A token of a type, signed by the key of the issuer; `use` is what the third policy asks for. */
const typed = (typ: unknown, more: object = {}): string =>
  forged(typ === undefined ? { alg: 'HS256' } : { alg: 'HS256', typ }, {
    ...claims(PROFILE),
    token_use: 'access',
    ...more,
  })

const half = (text: string): string =>
  createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')
const LOGOUT = { events: { 'http://schemas.openid.net/event/backchannel-logout': {} }, sid: 's' }

const others: readonly (readonly [name: string, text: string])[] = [
  ['an ID token with the hash of its access token', typed('JWT', { nonce: 'n', at_hash: half('token') })],
  ['an ID token with the hash of its code', typed('JWT', { nonce: 'n', c_hash: half('code') })],
  [
    'one with the nonce of its login and nothing else',
    typed('JWT', { nonce: 'n', client_id: undefined, scope: undefined }),
  ],
  ['one without a type', typed(undefined, { at_hash: half('token') })],
  ['one whose hash is nothing', typed('JWT', { at_hash: null })],
  ['a notice of a logout', typed('logout+jwt', LOGOUT)],
  ['a notice of a logout of before there was a type', typed('JWT', LOGOUT)],
  ['a security event', typed('secevent+jwt', { events: { 'https://schemas.openid.net/secevent/risc': {} } })],
  ['a proof of DPoP', typed('dpop+jwt', { htm: 'GET', htu: 'https://api.example.com/' })],
  ['an answer of introspection', typed('token-introspection+jwt', { token_introspection: { active: true } })],
  ['an answer of authorization', typed('oauth-authz-resp+jwt', { code: 'c' })],
  ['a request of authorization', typed('oauth-authz-req+jwt', { response_type: 'code' })],
  ['what a client says of itself', typed('client-authentication+jwt')],
  ['a proof of a holder', typed('kb+jwt', { sd_hash: half('x') })],
  ['a credential', typed('dc+sd-jwt')],
  ['the statement of an entity', typed('entity-statement+jwt')],
  ['a refresh token', typed('rt+jwt')],
  ['a type that begins alike', typed('at+jwtx')],
  ['a type that ends alike', typed('x-at+jwt')],
  ['another type with a slash', typed('text/at+jwt')],
  ['a type in a list', typed(['at+jwt'])],
  ['an empty type', typed('')],
  ['a type that is null', typed(null)],
]

describe('attack: something else that the issuer has signed, as an access token', () => {
  for (const [policy, options] of policies) {
    test(`JWT-14: an access token is taken, where there is jwt ${policy}`, async () => {
      const access = signJwt({ ...claims(PROFILE), token_use: 'access' }, { key: HS256, typ: 'at+jwt' })
      assert.equal(await presented(options, access), 'alice')
    })
    for (const [name, text] of others) {
      test(`JWT-14: ${name}, where there is jwt ${policy}`, async () => {
        assert.match(await presented(options, text), /^token\.(?:wrong-type|malformed)$/)
      })
    }
  }

  test('JWT-14: an ID token that nothing but its audience tells from an access token', async () => {
    const id = token({ ...PROFILE, nonce: 'n', auth_time: NOW, aud: 'app', azp: 'app' })
    assert.equal(await presented(BASE, id), 'token.wrong-audience')
    // The API is its own client: now the profile alone can tell them apart, or a claim of the issuer's own.
    const own = { ...BASE, audience: 'app' }
    assert.equal(await presented({ ...own, typ: 'at+jwt' }, id), 'token.wrong-type')
    assert.equal(await presented({ ...own, claimValues: { token_use: 'access' } }, id), 'token.wrong-type')
  })

  test('JWT-14: what a policy must not pin, does not build', () => {
    for (const typ of ['dpop+jwt', 'logout+jwt', 'application/secevent+jwt', 'DPOP+JWT']) {
      assert.throws(() => compiled(jwt({ ...BASE, typ })), /unsafe_value|jwt\.typ/)
    }
  })

  test('JWT-14: under dpop() they are no access tokens either', async () => {
    const scheme = compiled(dpop(jwt(BASE), { bearer: 'unbound' }), movableClock())
    for (const [name, text] of others) {
      const request = facts({ fields: [['Authorization', `Bearer ${text}`]] })
      assert.match(outcomeOf(await scheme.identify(request)), /^token\./, name)
    }
  })
})
