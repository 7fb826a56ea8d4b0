import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { movableClock } from '../../support/clock.ts'
import {
  AUDIENCE,
  claims,
  forged,
  HS256,
  ISSUER,
  NOW,
  outcome,
  token,
  verifierOf,
} from '../../support/tokens.ts'

const verify = verifierOf()
const malformed = 'token.claim-malformed'

/** A claim as JSON text that `JSON.stringify` would not write. */
const rawClaim = (name: string, json: string): string =>
  forged({ alg: 'HS256' }, JSON.stringify(claims({ [name]: 'RAW' })).replace('"RAW"', json))

describe('JWT-12: the times of a token', () => {
  const rows: readonly [
    name: string,
    changes: Record<string, unknown>,
    skewSeconds: number,
    expected: string,
  ][] = [
    ['no exp', { exp: undefined }, 0, malformed],
    ['an exp that is null', { exp: null }, 0, malformed],
    ['an exp that is a text', { exp: String(NOW + 300) }, 0, malformed],
    ['an exp that is a list', { exp: [NOW + 300] }, 0, malformed],
    ['an exp that is true', { exp: true }, 0, malformed],
    ['an exp one second ahead', { exp: NOW + 1 }, 0, 'ok'],
    ['an exp that is now', { exp: NOW }, 0, 'token.expired'],
    ['an exp half a second ahead', { exp: NOW + 0.5 }, 0, 'ok'],
    ['an exp one second past', { exp: NOW - 1 }, 0, 'token.expired'],
    ['an exp of zero', { exp: 0 }, 0, 'token.expired'],
    ['a negative exp', { exp: -NOW }, 0, 'token.expired'],
    ['an exp in milliseconds', { exp: NOW * 1000 }, 0, 'ok'],
    ['an exp just within the skew', { exp: NOW - 29 }, 30, 'ok'],
    ['an exp that is as old as the skew', { exp: NOW - 30 }, 30, 'token.expired'],
    ['an nbf that is now', { nbf: NOW }, 0, 'ok'],
    ['an nbf one second ahead', { nbf: NOW + 1 }, 0, 'token.not-yet-valid'],
    ['an nbf as far ahead as the skew', { nbf: NOW + 30 }, 30, 'ok'],
    ['an nbf beyond the skew', { nbf: NOW + 31 }, 30, 'token.not-yet-valid'],
    ['an nbf that is a text', { nbf: String(NOW) }, 0, malformed],
    ['an nbf that is null', { nbf: null }, 0, malformed],
    ['an iat that is now', { iat: NOW }, 0, 'ok'],
    ['an iat one second ahead', { iat: NOW + 1 }, 0, 'token.not-yet-valid'],
    ['an iat as far ahead as the skew', { iat: NOW + 30 }, 30, 'ok'],
    ['an iat that is a text', { iat: 'now' }, 0, malformed],
  ]
  for (const [name, changes, skew, expected] of rows) {
    test(`JWT-12: ${name}`, () => {
      const text = forged({ alg: 'HS256' }, claims(changes))
      assert.equal(outcome(verifierOf(HS256, { clockSkew: skew * 1000 }), text), expected)
    })
  }

  for (const name of ['exp', 'nbf', 'iat']) {
    test(`JWT-12: an ${name} that JSON reads as infinity`, () => {
      assert.equal(outcome(verify, rawClaim(name, '1e999')), malformed)
      assert.equal(outcome(verify, rawClaim(name, '-1e999')), malformed)
    })
  }

  test('JWT-12: a token ends while the clock goes on', () => {
    const clock = movableClock()
    const timed = verifierOf(HS256, { clockSkew: 30_000 }, clock)
    const text = token({ exp: NOW + 60 })
    clock.advance(89_999)
    assert.equal(outcome(timed, text), 'ok')
    clock.advance(1)
    assert.equal(outcome(timed, text), 'token.expired')
  })
})

describe('JWT-10, JWT-18, JWT-20: the issuer', () => {
  const rows: readonly [name: string, iss: unknown, expected: string][] = [
    ['none', undefined, malformed],
    ['null', null, malformed],
    ['a list with the issuer', [ISSUER], malformed],
    ['another', 'https://evil.example', 'token.wrong-issuer'],
    ['one more slash', `${ISSUER}/`, 'token.wrong-issuer'],
    ['another case', ISSUER.toUpperCase(), 'token.wrong-issuer'],
    ['the default port', `${ISSUER}:443`, 'token.wrong-issuer'],
    ['a prefix', ISSUER.slice(0, -1), 'token.wrong-issuer'],
    ['a suffix', `${ISSUER}.evil.example`, 'token.wrong-issuer'],
    ['a space in front', ` ${ISSUER}`, 'token.wrong-issuer'],
    ['an empty text', '', 'token.wrong-issuer'],
    ['exactly the issuer', ISSUER, 'ok'],
  ]
  for (const [name, iss, expected] of rows) {
    test(`JWT-10: ${name}`, () => assert.equal(outcome(verify, token({ iss })), expected))
  }

  test('JWT-20: an issuer with the characters of a pattern is no pattern', () => {
    assert.equal(outcome(verifierOf(HS256, { issuer: 'https://.*' }), token()), 'token.wrong-issuer')
    assert.equal(outcome(verifierOf(HS256, { issuer: '*' }), token()), 'token.wrong-issuer')
  })

  test('JWT-10: a key of another issuer does not speak for this one', () => {
    const other = verifierOf({ alg: 'HS256', key: randomBytes(32) }, { issuer: 'https://other.example' })
    assert.equal(outcome(other, token({ iss: 'https://other.example' })), 'token.bad-signature')
  })
})

describe('JWT-11, JWT-18, JWT-20: the audience', () => {
  const rows: readonly [name: string, aud: unknown, expected: string][] = [
    ['none', undefined, malformed],
    ['null', null, malformed],
    ['a number', 1, malformed],
    ['an object', { 0: AUDIENCE }, malformed],
    ['a list with a number', [AUDIENCE, 1], malformed],
    ['a list with a list', [[AUDIENCE]], malformed],
    ['an empty list', [], 'token.wrong-audience'],
    ['another', 'https://other.example.com', 'token.wrong-audience'],
    ['one more slash', `${AUDIENCE}/`, 'token.wrong-audience'],
    ['another case', 'HTTPS://api.example.com', 'token.wrong-audience'],
    ['a text that contains it', `${AUDIENCE} https://other.example.com`, 'token.wrong-audience'],
    ['a prefix', AUDIENCE.slice(0, -4), 'token.wrong-audience'],
    ['an empty text', '', 'token.wrong-audience'],
    ['exactly the audience', AUDIENCE, 'ok'],
    ['a list with the audience', ['https://other.example.com', AUDIENCE], 'ok'],
  ]
  for (const [name, aud, expected] of rows) {
    test(`JWT-11: ${name}`, () => assert.equal(outcome(verify, token({ aud })), expected))
  }

  test('JWT-11: one of several audiences suffices', () => {
    const two = verifierOf(HS256, { audience: ['a', 'b'] })
    assert.equal(outcome(two, token({ aud: 'b' })), 'ok')
    assert.equal(outcome(two, token({ aud: ['c', 'a'] })), 'ok')
    assert.equal(outcome(two, token({ aud: ['c'] })), 'token.wrong-audience')
    assert.equal(outcome(two, token({ aud: 'a,b' })), 'token.wrong-audience')
  })
})

describe('the subject and the rest', () => {
  const rows: readonly [name: string, changes: Record<string, unknown>, expected: string][] = [
    ['no sub', { sub: undefined }, malformed],
    ['an empty sub', { sub: '' }, malformed],
    ['a sub that is a number', { sub: 1 }, malformed],
    ['a sub that is a list', { sub: ['alice'] }, malformed],
    ['a sub of 255 characters', { sub: 'a'.repeat(255) }, 'ok'],
    ['a sub of 256 characters', { sub: 'a'.repeat(256) }, malformed],
    ['a sub with a lone surrogate', { sub: 'alice\ud800' }, malformed],
    ['a sub in another script', { sub: 'алиса 👩' }, 'ok'],
    ['a jti that is a number', { jti: 7 }, malformed],
    ['a jti', { jti: 'x' }, 'ok'],
    ['claims that nobody knows', { anything: { at: ['all'] } }, 'ok'],
  ]
  for (const [name, changes, expected] of rows) {
    test(name, () => assert.equal(outcome(verify, token(changes)), expected))
  }

  test('required claims are there, and not null', () => {
    const strict = verifierOf(HS256, { requiredClaims: ['tenant', 'toString'] })
    assert.equal(outcome(strict, token()), malformed)
    assert.equal(outcome(strict, token({ tenant: 't' })), malformed)
    assert.equal(outcome(strict, token({ tenant: null, toString: 'x' })), malformed)
    assert.equal(outcome(strict, token({ tenant: 0, toString: 'x' })), 'ok')
  })

  test('JWT-14: what only an ID token or a security event claims is refused', () => {
    const logout = { 'http://schemas.openid.net/event/backchannel-logout': {} }
    assert.equal(outcome(verify, token({ at_hash: 'x' })), 'token.wrong-type')
    assert.equal(outcome(verify, token({ c_hash: 'x' })), 'token.wrong-type')
    assert.equal(outcome(verify, token({ events: logout })), 'token.wrong-type')
    assert.equal(outcome(verify, token({ events: ['concert'] })), 'ok')
    assert.equal(
      outcome(verify, forged({ alg: 'HS256', typ: 'at+jwt' }, claims({ events: { concert: 1 } }))),
      'ok',
    )
  })
})

describe('JWT-14: a token that says in a claim what it is for', () => {
  const rows: readonly [changes: Record<string, unknown>, expected: string][] = [
    [{ typ: 'ID' }, 'token.wrong-type'],
    [{ typ: 'Refresh' }, 'token.wrong-type'],
    [{ typ: 'Offline' }, 'token.wrong-type'],
    [{ typ: 'Logout' }, 'token.wrong-type'],
    [{ token_use: 'id' }, 'token.wrong-type'],
    [{ token_use: 'refresh_token' }, 'token.wrong-type'],
    [{ typ: 'Bearer', token_use: 'access' }, 'ok'],
    [{ typ: 'identity', token_use: ['id'] }, 'ok'],
  ]
  for (const [changes, expected] of rows) {
    test(`JWT-14: ${JSON.stringify(changes)}`, () => {
      assert.equal(outcome(verify, token(changes)), expected)
      assert.equal(outcome(verify, forged({ alg: 'HS256', typ: 'at+jwt' }, claims(changes))), expected)
    })
  }
})

describe('JWT-15: the signature comes before every claim', () => {
  const wrong: readonly Record<string, unknown>[] = [
    { exp: NOW - 1 },
    { iss: 'https://evil.example' },
    { aud: 'x' },
    { sub: undefined },
    { nbf: NOW + 999 },
    { at_hash: 'x' },
  ]
  for (const changes of wrong) {
    test(`JWT-15: ${JSON.stringify(changes)} is told only of a token whose signature fits`, () => {
      const other = forged({ alg: 'HS256' }, claims(changes), randomBytes(32))
      assert.equal(outcome(verify, other), 'token.bad-signature')
      assert.notEqual(outcome(verify, forged({ alg: 'HS256' }, claims(changes))), 'token.bad-signature')
    })
  }

  test('JWT-15: a payload that is no JSON is not even read before', () => {
    assert.equal(outcome(verify, forged({ alg: 'HS256' }, 'claims', randomBytes(32))), 'token.bad-signature')
  })

  test('an accepted token gives its claims as they were signed', () => {
    const result = verify(token({ tenant: { id: 7 } }))
    assert.ok(result.ok)
    assert.deepEqual(result.claims, claims({ tenant: { id: 7 } }))
    assert.equal(result.claims.sub, 'alice')
  })
})
